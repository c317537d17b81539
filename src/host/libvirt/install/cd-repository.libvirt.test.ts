import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { v4 as newUuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import type { VolumeAddress } from '../../storage.js';
import { LibvirtStorage } from '../storage/libvirt-storage.js';
import { FakeLiveDisks } from '../storage/testing/fake-live-disks.js';
import { bootFiles } from './boot-files.js';
import { cdRepository } from './cd-repository.js';
import { pvDomain, sampleKernel, unwatched } from './testing/pv-domain.js';

const { signal } = new AbortController();
const files: Record<string, Buffer> = {
  'install.amd/vmlinuz': sampleKernel(),
  'install.amd/initrd.gz': randomBytes(1_500_001),
  // A long name does not fit into its entry: the rest is somewhere else in the image.
  [`dists/${'a-rather-long-name.'.repeat(10)}/Release`]: Buffer.from('long'),
  'dists/empty': Buffer.alloc(0),
};

let directory: string;
let storage: LibvirtStorage;
const sr = newUuid();

/** Makes an image with genisoimage, which is in the drive then. */
async function image(name: string, ...options: readonly string[]): Promise<VolumeAddress> {
  await execute('genisoimage', ['-quiet', ...options, '-o', join(directory, 'iso', name), join(directory, 'tree')]);
  return { sr, location: name };
}

async function content(volume: VolumeAddress, path: string): Promise<Buffer | undefined> {
  const found = await (await cdRepository(storage, volume)).open(path, signal);
  return found && buffer(found.content);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cd-'));
  await mkdir(join(directory, 'iso'));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(directory, 'tree', path)), { recursive: true });
    await writeFile(join(directory, 'tree', path), bytes);
  }
  // More entries than fit into a sector.
  await Promise.all(Array.from({ length: 60 }, (_, i) => writeFile(join(directory, 'tree', `file number ${i}`), `${i}`)));
  storage = new LibvirtStorage({ live: () => new FakeLiveDisks(), warn: () => undefined, runDirectory: join(directory, 'run') });
  const deviceConfig = new Map([
    ['location', join(directory, 'iso')],
    ['legacy_mode', 'true'],
  ]);
  await storage.attach({ uuid: sr, type: 'iso', deviceConfig, smConfig: new Map(), contentType: 'iso', shared: false });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('files of a CD', () => {
  it.each([
    ['Rock Ridge', ['-R']],
    ['Joliet', ['-J', '-joliet-long']],
    ['both', ['-R', '-J']],
  ])('are found by the names of %s', async (name, options) => {
    const volume = await image(`${name}.iso`, ...options);
    for (const path of ['install.amd/vmlinuz', 'install.amd/initrd.gz', 'dists/empty'])
      expect(files[path]?.equals((await content(volume, path)) ?? Buffer.from('missing'))).toBe(true);
    for (let i = 0; i < 60; i += 7) expect(String(await content(volume, `file number ${i}`))).toBe(String(i));
    for (const path of ['install.amd', 'install.amd/vmlinuz/x', 'install.amd/linux', 'nothing/vmlinuz'])
      expect(await content(volume, path)).toBeUndefined();
  });

  it('are found by long names of Rock Ridge', async () => {
    const [path = ''] = Object.keys(files).filter((one) => one.endsWith('/Release'));
    expect(String(await content(await image('long.iso', '-R'), path))).toBe('long');
  });

  it('are found by plain names, however they are written', async () => {
    const volume = await image('plain.iso', '-iso-level', '3');
    expect(files['install.amd/vmlinuz']?.equals((await content(volume, 'INSTALL.AMD/vmlinuz')) ?? Buffer.alloc(0))).toBe(true);
  });

  it('boot a VM that has the CD in its drive', async () => {
    const volume = await image('debian.iso', '-R', '-J');
    const drive = { vbd: newUuid(), position: 3, kind: 'CD', writable: false, bootable: true, volume, qos: new Map() } as const;
    const spec = { ...pvDomain({ installRepository: 'cdrom', args: 'quiet' }), disks: [drive] };
    const found = await bootFiles({ storage, directory: join(directory, 'boot') })(spec, unwatched);
    expect(found?.args).toBe('quiet');
    expect(files['install.amd/vmlinuz']?.equals(await readFile(found?.kernel ?? ''))).toBe(true);
    expect(files['install.amd/initrd.gz']?.equals(await readFile(found?.ramdisk ?? ''))).toBe(true);
  });

  it('are refused from an image that is damaged, and none is read for ever', async () => {
    const whole = await image('whole.iso', '-R');
    const cut = join(directory, 'iso/cut.iso');
    await cp(join(directory, 'iso', whole.location), cut);
    await truncate(cut, 40_960);
    expect(await content({ sr, location: 'cut.iso' }, 'install.amd/vmlinuz')).toBeUndefined();
    await truncate(cut, 10_000);
    await expect(content({ sr, location: 'cut.iso' }, 'install.amd/vmlinuz')).rejects.toThrow(/no image of a CD/);
    const noise = randomBytes(400_000);
    noise.write('\u0001CD001', 16 * 2048, 'latin1');
    await writeFile(join(directory, 'iso/noise.iso'), noise);
    await expect(content({ sr, location: 'noise.iso' }, 'install.amd/vmlinuz')).rejects.toThrow(/no image of a CD|too large/);
  });
});
