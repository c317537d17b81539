import { randomFillSync } from 'node:crypto';
import { copyFile, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../test-support/libvirt/execute.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';

const MIB = 2 ** 20;
/** Bytes of the disk. Three quarters of it are data that nothing compresses, in parts of 3 MiB. */
const SIZE = Number(process.env.BENCH_DISK_MIB ?? 1024) * MIB;
/** Both are measured in turns, and the fastest turn of each counts: the rest is what else the machine does. */
const ROUNDS = 3;

/** Names that the gateway and QEMU have for a format, and what share of QEMU's speed is wanted. */
const FORMATS = [
  { name: 'raw', qemu: 'raw', wanted: 80 },
  { name: 'vhd', qemu: 'vpc', wanted: 70 },
] as const;

/** Disks sent and taken over HTTP, beside `qemu-img convert` of the same files on the same disk. */
export async function measureDiskStreams(host: LabHost, daemon: KvmDaemon): Promise<Row[]> {
  const { client } = daemon;
  const [sr] = await client.call<string[]>('SR.get_by_name_label', 'Local storage');
  if (sr === undefined) throw new Error('there is no SR for disks');
  const images = join(host.directory, 'lib/images', await client.call<string>('SR.get_uuid', sr));
  const made: string[] = [];
  const file = (name: string): string => {
    const path = join(host.directory, `stream.${name}`);
    made.push(path);
    return path;
  };
  try {
    const raw = file('raw');
    await writePattern(raw);
    const disk = await newDisk(client, sr);
    await upload(daemon, disk, 'raw', raw);
    const image = await largest(images);
    const rows: Row[] = [];
    for (const format of FORMATS) {
      const [ours, theirs, back] = [file(`ours.${format.name}`), file(`theirs.${format.name}`), file('back.qcow2')];
      const out = await inTurns(
        () => download(daemon, disk, format.name, ours),
        () => convert('qcow2', image, format.qemu, theirs),
      );
      rows.push(row(`a disk of ${SIZE / MIB} MiB sent as ${format.name}`, format.wanted, out));
      const into = await newDisk(client, sr);
      const input = file(`input.${format.name}`);
      await copyFile(ours, input);
      const taken = await inTurns(
        () => upload(daemon, into, format.name, input),
        () => convert(format.qemu, input, 'qcow2', back),
      );
      rows.push(row(`the same taken as ${format.name}`, format.wanted, taken));
      await client.call('VDI.destroy', into);
    }
    await client.call('VDI.destroy', disk);
    return rows;
  } finally {
    for (const path of made) await rm(path, { force: true });
  }
}

interface Turns {
  readonly ours: number;
  readonly theirs: number;
}

/** Milliseconds of the fastest turn of each. */
async function inTurns(ours: () => Promise<void>, theirs: () => Promise<void>): Promise<Turns> {
  const best = { ours: Infinity, theirs: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    best.theirs = Math.min(best.theirs, await timed(theirs));
    best.ours = Math.min(best.ours, await timed(ours));
  }
  return best;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function row(what: string, limit: number, { ours, theirs }: Turns): Row {
  const rate = (ms: number): string => `${Math.round(SIZE / MIB / (ms / 1000))} MiB/s`;
  const share = (theirs / ours) * 100;
  return {
    what: `${what}, as share of qemu-img convert (${rate(ours)} to ${rate(theirs)})`,
    measured: share,
    unit: '%',
    limit,
    better: 'more',
  };
}

/** As the gateway has it: what was written is on the disk at the end. */
async function convert(from: string, input: string, to: string, output: string): Promise<void> {
  const options = to === 'vpc' ? ['-o', 'force_size=on'] : [];
  await execute('qemu-img', ['convert', '-t', 'writeback', '-f', from, '-O', to, ...options, input, output]);
}

async function download(daemon: KvmDaemon, vdi: string, format: string, path: string): Promise<void> {
  await execute('curl', ['-sSf', '-o', path, url(daemon, 'export_raw_vdi', vdi, format)]);
  const written = await open(path);
  await written.sync();
  await written.close();
}

async function upload(daemon: KvmDaemon, vdi: string, format: string, path: string): Promise<void> {
  const { client } = daemon;
  const task = await client.call<string>('task.create', 'import', '');
  await execute('curl', [
    '-sSf',
    '-T',
    path,
    `${url(daemon, 'import_raw_vdi', vdi, format)}&task_id=${encodeURIComponent(task)}`,
  ]);
  const status = await client.call<string>('task.get_status', task);
  if (status !== 'success') throw new Error(`an import ended as ${status}`);
}

function url({ client, http }: KvmDaemon, path: string, vdi: string, format: string): string {
  return `${http}/${path}?${new URLSearchParams({ session_id: client.session, vdi, format })}`;
}

function newDisk(client: KvmDaemon['client'], sr: string): Promise<string> {
  return client.call<string>('VDI.create', {
    SR: sr,
    name_label: 'stream',
    virtual_size: SIZE,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: {},
  });
}

async function writePattern(path: string): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(SIZE);
  const part = Buffer.alloc(3 * MIB);
  for (let at = 0; at + part.length <= SIZE; at += 4 * MIB) await file.write(randomFillSync(part), 0, part.length, at);
  await file.sync();
  await file.close();
}

async function largest(directory: string): Promise<string> {
  let found = { path: '', bytes: 0 };
  for (const name of await readdir(directory)) {
    const { blocks } = await stat(join(directory, name));
    if (blocks * 512 > found.bytes) found = { path: join(directory, name), bytes: blocks * 512 };
  }
  return found.path;
}
