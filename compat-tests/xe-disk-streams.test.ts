import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { Xe } from './support/xe.js';

// The content of disks through the command line, which fetches and sends it itself.
const execute = promisify(execFile);
const MIB = 2 ** 20;
const SIZE = 8 * MIB;

let dataDir: string;
let directory: string;
let daemon: Daemon;
let xe: Xe;
let sr: string;
const content = Buffer.concat([randomBytes(MIB + 5), Buffer.alloc(4 * MIB), randomBytes(MIB), Buffer.alloc(SIZE)]).subarray(
  0,
  SIZE,
);

const file = (name: string): string => join(directory, name);

beforeAll(async () => {
  dataDir = await newDataDir();
  directory = await mkdtemp(join(tmpdir(), 'disks-'));
  daemon = await Daemon.start(dataDir, { emulate: 'hosts=1,vms=1' });
  xe = new Xe(daemon);
  sr = await xe.line('pool-list', 'params=default-SR', '--minimal');
  await writeFile(file('content'), content);
});
afterAll(async () => {
  await remove(dataDir);
  await rm(directory, { recursive: true });
});

const newDisk = (size = SIZE): Promise<string> =>
  xe.makes('vdi-create', `sr-uuid=${sr}`, 'name-label=disk', `virtual-size=${size}`, 'type=user');

async function contentOf(uuid: string, name: string): Promise<Buffer> {
  await xe.does('vdi-export', `uuid=${uuid}`, `filename=${file(name)}`);
  return readFile(file(name));
}

it('goes out and comes back in every format, from files and from pipes', async () => {
  const disk = await newDisk();
  await xe.does('vdi-import', `uuid=${disk}`, `filename=${file('content')}`);
  expect((await contentOf(disk, 'raw')).equals(content)).toBe(true);
  for (const format of ['vhd', 'qcow2', 'raw']) {
    await xe.does('vdi-export', `uuid=${disk}`, `filename=${file(`disk.${format}`)}`, `format=${format}`);
    const { size } = await stat(file(`disk.${format}`));
    if (format === 'raw') expect(size).toBe(SIZE);
    else expect(size).toBeLessThan(6.5 * MIB);
    const copy = await newDisk();
    await xe.does('vdi-import', `uuid=${copy}`, `filename=${file(`disk.${format}`)}`, `format=${format}`);
    expect((await contentOf(copy, `copy.${format}`)).equals(content)).toBe(true);
    const piped = await newDisk();
    const pipe = file(`pipe.${format}`);
    execFileSync('mkfifo', [pipe]);
    const fed = execute('dd', [`if=${file(`disk.${format}`)}`, `of=${pipe}`, 'bs=64k']);
    await xe.does('vdi-import', `uuid=${piped}`, `filename=${pipe}`, `format=${format}`);
    await fed;
    expect((await contentOf(piped, `piped.${format}`)).equals(content)).toBe(true);
  }
});

it('goes out as the differences to a snapshot, and comes back over the disk of that', async () => {
  const disk = await newDisk();
  await xe.does('vdi-import', `uuid=${disk}`, `filename=${file('content')}`);
  const snapshot = await xe.makes('vdi-snapshot', `uuid=${disk}`);
  const changed = Buffer.from(content).fill(7, 3 * MIB, 3 * MIB + 100);
  await writeFile(file('changed'), changed);
  await xe.does('vdi-import', `uuid=${disk}`, `filename=${file('changed')}`);
  await xe.does('vdi-export', `uuid=${disk}`, `filename=${file('differences')}`, 'format=vhd', `base=${snapshot}`);
  const copy = await xe.makes('vdi-clone', `uuid=${snapshot}`);
  await xe.does('vdi-import', `uuid=${copy}`, `filename=${file('differences')}`, 'format=vhd');
  expect((await contentOf(copy, 'patched')).equals(changed)).toBe(true);
});

it('is refused with the reason', async () => {
  const disk = await newDisk(MIB);
  await xe.refuses(
    ['vdi-import', `uuid=${disk}`, `filename=${file('content')}`],
    'The VDI is smaller than this needs.',
    `vdi: ${disk} (disk)`,
    `minimum size: ${SIZE}`,
  );
  await writeFile(file('rubbish'), randomBytes(5000));
  const { status, stderr } = await xe.run(['vdi-import', `uuid=${disk}`, `filename=${file('rubbish')}`, 'format=qcow2']);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('the file is no qcow2 image') });
  expect((await contentOf(disk, 'untouched')).equals(Buffer.alloc(MIB))).toBe(true);
});
