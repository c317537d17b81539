import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { recordedWatch } from '../../contract/watch.js';
import type { NewVolume, Volume, VolumeAddress } from '../../storage.js';
import type { LibvirtStorage } from './libvirt-storage.js';
import { type DirectoryLab, directoryLab } from './testing/directory-sr.js';

const MIB = 2 ** 20;
const info = z.object({ 'virtual-size': z.number(), format: z.string() });

let lab: DirectoryLab;
let storage: LibvirtStorage;
let sr: string;

beforeEach(async () => {
  lab = await directoryLab();
  storage = lab.storage;
  sr = lab.sr.uuid;
  await storage.createSr(lab.sr, 0);
  await storage.attach(lab.sr);
});
afterEach(async () => {
  await lab.remove();
  expect(lab.warnings).toEqual([]);
});

const at = (location: string): VolumeAddress => ({ sr, location });
const newVolume = (virtualSize = 4 * MIB): NewVolume => ({
  uuid: newUuid(),
  virtualSize,
  name: 'disk',
  description: '',
  smConfig: new Map(),
});
const make = async (size?: number): Promise<string> => (await storage.createVolume(sr, newVolume(size))).location;
const read = async (location: string, offset?: number): Promise<Buffer> => buffer(await storage.read(at(location), offset));
const write = async (location: string, bytes: Buffer, offset?: number): Promise<void> => {
  const stream = await storage.write(at(location), offset);
  stream.end(bytes);
  await finished(stream);
};
const volume = async (location: string): Promise<Volume | undefined> =>
  (await storage.scan(sr)).find((one) => one.location === location);

describe('images of every format', () => {
  // Sizes that no format rounds in the same way.
  const content = Buffer.concat([randomBytes(700_000), Buffer.alloc(2 * MIB), randomBytes(123_392)]);
  const formats: readonly (readonly [file: string, ...options: readonly string[]])[] = [
    ['a.img', '-O', 'raw'],
    ['b.qcow2', '-O', 'qcow2'],
    ['c.qcow2', '-O', 'qcow2', '-c', '-o', 'compat=0.10'],
    ['d.vmdk', '-O', 'vmdk'],
    ['e.vmdk', '-O', 'vmdk', '-o', 'subformat=streamOptimized'],
    ['f.vdi', '-O', 'vdi'],
    ['g.vhd', '-O', 'vpc'],
    ['h.vhd', '-O', 'vpc', '-o', 'force_size=on'],
    ['i.vhd', '-O', 'vpc', '-o', 'subformat=fixed'],
  ];

  it('are disks of the size that QEMU gives them, and can be read, cloned and copied', async () => {
    const raw = join(lab.location, 'content.bin');
    await writeFile(raw, content);
    for (const [name, ...options] of formats) {
      const file = join(lab.location, name);
      await execute('qemu-img', ['convert', '-f', 'raw', ...options, raw, file]);
      const found = await volume(name);
      const { format } = await storage.source(at(name));
      const said = info.parse(JSON.parse(await execute('qemu-img', ['info', '-f', format, '--output=json', file])));
      expect([found?.virtualSize, found?.name], name).toEqual([said['virtual-size'], name]);
      expect((await read(name)).subarray(0, content.length).equals(content), name).toBe(true);
    }
    for (const name of ['a.img', 'e.vmdk', 'g.vhd']) {
      const { location } = await storage.cloneVolume(at(name), newUuid());
      expect((await read(location)).subarray(0, content.length).equals(content), name).toBe(true);
      const copy = await storage.copyVolume(at(name), sr, newVolume(8 * MIB), recordedWatch());
      expect((await read(copy.location)).subarray(0, content.length).equals(content), name).toBe(true);
    }
  });

  it('of plain bytes are written in place', async () => {
    await writeFile(join(lab.location, 'a.img'), Buffer.alloc(MIB));
    await write('a.img', Buffer.from('here'), 1000);
    expect((await readFile(join(lab.location, 'a.img'))).subarray(1000, 1004).toString()).toBe('here');
    expect(await storage.resizeVolume(at('a.img'), 2 * MIB)).toMatchObject({ virtualSize: 2 * MIB });
  });

  it('do not follow what a guest wrote into its disk', async () => {
    await writeFile(join(lab.location, 'secret.txt'), 'secret '.repeat(1000));
    await execute(
      'qemu-img',
      ['create', '-q', '-f', 'qcow2', '-u', '-b', join(lab.location, 'secret.txt'), '-F', 'raw', 'x.img', '1M'],
      {
        cwd: lab.location,
      },
    );
    expect(await volume('x.img')).toBeUndefined();
    await expect(storage.read(at('x.img'))).rejects.toMatchObject({ code: 'VDI_MISSING' });
    // Into a disk of ours anything can be written: it stays data.
    const location = await make();
    const hostile = await readFile(join(lab.location, 'x.img'));
    await write(location, hostile);
    expect((await read(location)).subarray(0, hostile.length).equals(hostile)).toBe(true);
    await storage.cloneVolume(at(location), newUuid());
    expect((await storage.scan(sr)).map(({ virtualSize }) => virtualSize)).toEqual([4 * MIB, 4 * MIB]);
  });
});

describe('streams', () => {
  it('leave a volume usable when they are broken off', async () => {
    const location = await make(64 * MIB);
    const writer = await storage.write(at(location));
    writer.write(randomBytes(3 * MIB));
    const closed = new Promise((resolve) => writer.once('close', resolve));
    writer.destroy();
    await closed;
    await write(location, Buffer.from('again'));
    const reader = await storage.read(at(location));
    for await (const piece of reader) {
      expect((piece as Buffer).subarray(0, 5).toString()).toBe('again');
      break;
    }
    await write(location, Buffer.from('once more'));
    expect((await read(location, 5)).subarray(0, 4).toString()).toBe('more');
  });

  it('write zeros without taking space', async () => {
    const location = await make(64 * MIB);
    const before = (await volume(location))?.physicalUtilisation ?? 0;
    await write(location, Buffer.alloc(48 * MIB));
    expect(((await volume(location))?.physicalUtilisation ?? 0) - before).toBeLessThan(MIB);
  });

  it('refuse offsets that are none, and what lies behind the end', async () => {
    const location = await make();
    for (const offset of [-1, 0.5, Number.NaN]) {
      await expect(storage.read(at(location), offset)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
      await expect(storage.write(at(location), offset)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    }
    expect(await read(location, 8 * MIB)).toHaveLength(0);
    await expect(write(location, Buffer.from('x'), 4 * MIB)).rejects.toMatchObject({ code: 'VDI_IO_ERROR' });
    await write(location, Buffer.from('x'), 4 * MIB - 1);
  });

  it('refuse a disk that another program has open', async () => {
    const location = await make();
    const { path } = await storage.source(at(location));
    const socket = join(lab.location, 'x.sock');
    const { spawn } = await import('node:child_process');
    const other = spawn('qemu-nbd', ['--persistent', `--socket=${socket}`, '--format=qcow2', path], { stdio: 'ignore' });
    try {
      await expect.poll(() => readdir(lab.location)).toContain('x.sock');
      await expect(storage.write(at(location))).rejects.toMatchObject({ code: 'VDI_IN_USE' });
      await expect(storage.read(at(location))).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    } finally {
      other.kill();
      await new Promise((resolve) => other.once('close', resolve));
    }
    await write(location, Buffer.from('x'));
  });
});

describe('copies', () => {
  it('keep holes', async () => {
    const location = await make(512 * MIB);
    await write(location, randomBytes(MIB), 300 * MIB);
    const copy = await storage.copyVolume(at(location), sr, newVolume(512 * MIB), recordedWatch());
    expect(copy.physicalUtilisation).toBeLessThan(3 * MIB);
  });

  it('leave nothing when they are cancelled on the way', async () => {
    const location = await make(256 * MIB);
    await write(location, randomBytes(200 * MIB));
    const watch = recordedWatch();
    const copying = storage.copyVolume(at(location), sr, newVolume(256 * MIB), watch);
    setTimeout(() => watch.cancel(), 100);
    await expect(copying).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(await storage.scan(sr)).toHaveLength(1);
    expect((await readdir(join(lab.location, sr))).filter((name) => name.endsWith('.qcow2'))).toHaveLength(1);
  });
});

describe('memory images', () => {
  it('belong to their volumes', async () => {
    const location = await make(64 * MIB);
    const memory = await storage.memoryImage(at(location));
    await writeFile(memory, 'memory of a domain');
    const clone = await storage.cloneVolume(at(location), newUuid());
    const copy = await storage.copyVolume(at(location), sr, newVolume(64 * MIB), recordedWatch());
    await storage.destroyVolume(at(location));
    await expect(stat(memory)).rejects.toThrow('ENOENT');
    for (const { location: other } of [clone, copy]) {
      expect(await readFile(await storage.memoryImage(at(other)), 'utf8')).toBe('memory of a domain');
      const whole = await read(other);
      expect([whole.length, whole.subarray(0, 18).toString(), whole[18]]).toEqual([64 * MIB, 'memory of a domain', 0]);
    }
  });

  it('come from what was written to a volume, too', async () => {
    const location = await make(MIB);
    await write(location, Buffer.from('memory from a stream'));
    expect((await readFile(await storage.memoryImage(at(location)))).subarray(0, 20).toString()).toBe('memory from a stream');
  });
});

it('finds everything again in the next process', async () => {
  const location = await make();
  await write(location, Buffer.from('data'));
  const snapshot = await storage.snapshotVolume(at(location), newUuid());
  const before = await storage.scan(sr);
  const next = lab.restarted();
  await next.attach(lab.sr);
  const sorted = (volumes: readonly Volume[]) => [...volumes].sort((a, b) => a.uuid.localeCompare(b.uuid));
  expect(sorted(await next.scan(sr))).toEqual(sorted(before));
  expect((await buffer(await next.read(at(snapshot.location)))).subarray(0, 4).toString()).toBe('data');
});

it('keeps disks of guests from other users of the host', async () => {
  const location = await make();
  const { path } = await storage.source(at(location));
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(join(lab.location, sr))).mode & 0o777).toBe(0o711);
});
