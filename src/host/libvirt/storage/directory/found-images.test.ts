import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageFacts } from '../image/image-facts.js';
import { backingPath, FoundImages, isFileName } from './found-images.js';
import { ImageIndex } from './image-index.js';

/** A qcow2 image as a hostile guest could write it into its disk. */
function imageOver(backing: string): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write('QFI\xfb', 0, 'latin1');
  bytes.writeUInt32BE(3, 4);
  bytes.writeBigUInt64BE(1024n, 8);
  bytes.writeUInt32BE(backing.length, 16);
  bytes.writeUInt32BE(16, 20);
  bytes.writeBigUInt64BE(1_048_576n, 24);
  bytes.write(backing, 1024);
  return bytes;
}

let directory: string;
let found: FoundImages;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'found-'));
  found = new FoundImages(directory);
});
afterEach(() => rm(directory, { recursive: true }));

async function identify(name: string, content: Buffer): Promise<ImageFacts | undefined> {
  await writeFile(join(directory, name), content);
  const file = await open(join(directory, name));
  try {
    return await found.identify(name, file, content.length);
  } finally {
    await file.close();
  }
}

describe('what a guest wrote into its disk', () => {
  it('never leads to other files of the host', async () => {
    for (const backing of ['/etc/shadow', '../../etc/shadow', 'other.img', 'json:{"driver":"host_device"}', 'nbd://1.2.3.4']) {
      for (const name of ['guest.img', 'guest.raw', 'guest']) expect(await identify(name, imageOver(backing))).toBeUndefined();
    }
  });

  it('is believed where the name says that it is an image', async () => {
    expect(await identify('overlay.qcow2', imageOver('base.qcow2'))).toMatchObject({ format: 'qcow2', backing: 'base.qcow2' });
  });

  it('is believed where it is called like the image below, as overlays of libvirt are', async () => {
    expect(await identify('debian.snap1', imageOver(join(directory, 'debian.qcow2')))).toMatchObject({ format: 'qcow2' });
    expect(await identify('debian.snap2', imageOver('/etc/debian.conf'))).toBeUndefined();
  });

  it('is plain bytes when it looks like nothing', async () => {
    expect(await identify('guest.img', Buffer.alloc(1000, 1))).toEqual({ format: 'raw', virtualSize: 1024 });
  });
});

it('knows which names can be those of disks', () => {
  for (const name of ['a.qcow2', 'B.IMG', 'disk', 'x y.raw', 'ü.vmdk']) expect(found.wants(name), name).toBe(true);
  for (const name of ['a.iso', 'notes.txt', '.hidden.img', 'a\nb.img', 'VARS.fd', '', 'x'.repeat(300)])
    expect(found.wants(name), name).toBe(false);
  for (const name of ['../a.img', 'a/b.img', '..', '.', 'a\0.img']) expect(isFileName(name), name).toBe(false);
});

it('takes what a domain has as its disk for one, whatever it is called', async () => {
  await writeFile(join(directory, 'disk.backup'), 'x');
  await symlink('/etc/passwd', join(directory, 'link.backup'));
  expect(found.wants('disk.backup')).toBe(false);
  expect([found.use('disk.backup'), found.use('link.backup'), found.use('nothing.there'), found.use('../x')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(found.wants('disk.backup')).toBe(true);
  await rm(join(directory, 'disk.backup'));
  expect(found.use('disk.backup'), 'a file is asked for once only').toBe(true);
});

it('reads a file again only when it has changed, and follows no links', async () => {
  await writeFile(join(directory, 'a.img'), Buffer.alloc(512));
  await symlink('/etc/passwd', join(directory, 'b.img'));
  await mkdir(join(directory, 'c.img'));
  let reads = 0;
  const index = new ImageIndex(directory, {
    wants: (name) => found.wants(name),
    identify(name, file, size) {
      reads++;
      return found.identify(name, file, size);
    },
  });
  expect([...(await index.all()).keys()]).toEqual(['a.img']);
  await index.all();
  expect(reads).toBe(1);
  await writeFile(join(directory, 'a.img'), Buffer.alloc(1024));
  expect((await index.all()).get('a.img')).toMatchObject({ virtualSize: 1024 });
  await rm(join(directory, 'a.img'));
  expect(await index.one('a.img')).toBeUndefined();
});

it('tells where an image lies on which another one stands', () => {
  expect(backingPath('base.qcow2', '/disks')).toBe('/disks/base.qcow2');
  expect(backingPath('../other/base.qcow2', '/disks/x')).toBe('/disks/other/base.qcow2');
  expect(backingPath('file:/a/b', '/disks')).toBe('/a/b');
  expect(backingPath('./a:b', '/disks')).toBe('/disks/a:b');
  expect(backingPath('json:{}', '/disks')).toBeUndefined();
  expect(backingPath('nbd://host', '/disks')).toBeUndefined();
});
