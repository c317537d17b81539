import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../test-support/libvirt/execute.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';
import { startReceiver } from './receiver.js';
import { download, freshMemory, toDisk, upload, url, writePattern } from './transfers.js';
import { inTurns, shareRow } from './turns.js';
import { measureVmFiles } from './vm-files.js';

const MIB = 2 ** 20;
/** Bytes of the disk. */
const SIZE = Number(process.env.BENCH_DISK_MIB ?? 1024) * MIB;

/** Names that the gateway and QEMU have for a format, and what share of QEMU's speed is wanted. */
const FORMATS = [
  // As in what the gateway sends, zeros are written. Both write over a file: what it costs to make a new one is the file system's.
  { name: 'raw', qemu: 'raw', options: ['-S', '0', '-n'], over: true, wanted: 80 },
  { name: 'vhd', qemu: 'vpc', options: ['-o', 'force_size=on'], over: false, wanted: 70 },
] as const;

/**
 * Disks sent and taken over HTTP, beside `qemu-img convert` of the same files on the same file system, without a network. Raw disks go to a
 * receiver that has the disk write meanwhile, all else through curl. Both
 * have everything on the disk at the end; both write a new image beside the one that it takes the place of.
 */
export async function measureDiskStreams(host: LabHost, daemon: KvmDaemon): Promise<Row[]> {
  const { client } = daemon;
  const [sr] = await client.call<string[]>('SR.get_by_name_label', 'Local storage');
  if (sr === undefined) throw new Error('there is no SR for disks');
  const images = join(host.directory, 'lib/images', await client.call<string>('SR.get_uuid', sr));
  const receiver = await startReceiver(host);
  const made: string[] = [];
  const file = (name: string): string => {
    const path = join(host.directory, `stream.${name}`);
    made.push(path);
    return path;
  };
  const memory = (): Promise<void> => freshMemory(file('memory'), SIZE);
  try {
    const raw = file('raw');
    await writePattern(raw, SIZE);
    const disk = await newDisk(client, sr);
    await upload(daemon, 'import_raw_vdi', { vdi: disk, format: 'raw' }, raw);
    const image = await largest(images);
    const rows: Row[] = [];
    for (const { name, qemu, options, over, wanted } of FORMATS) {
      const [ours, theirs, input] = [file(`ours.${name}`), file(`theirs.${name}`), file(`input.${name}`)];
      const [fresh, back] = [file('fresh.qcow2'), file('back.qcow2')];
      if (over) for (const path of [ours, theirs]) await copyDurably(raw, path);
      const query = { vdi: disk, format: name };
      const out = await inTurns(
        () =>
          over ? receiver.receive(url(daemon, 'export_raw_vdi', query), ours) : download(daemon, 'export_raw_vdi', query, ours),
        () => convert('qcow2', image, qemu, theirs, options),
        memory,
      );
      rows.push(shareRow(`a disk of ${SIZE / MIB} MiB sent as ${name}`, 'qemu-img convert', SIZE, wanted, out));
      const into = await newDisk(client, sr);
      await copyFile(ours, input);
      const taken = await inTurns(
        async () => void (await upload(daemon, 'import_raw_vdi', { vdi: into, format: name }, input)),
        async () => {
          await convert(qemu, input, 'qcow2', fresh, []);
          await rename(fresh, back);
        },
        memory,
      );
      rows.push(shareRow(`the same taken as ${name}`, 'qemu-img convert', SIZE, wanted, taken));
      await client.call('VDI.destroy', into);
    }
    rows.push(...(await measureVmFiles(daemon, { sr, disk, size: SIZE, image, file, memory })));
    await client.call('VDI.destroy', disk);
    return rows;
  } finally {
    await receiver.close();
    for (const path of made) await rm(path, { force: true });
  }
}

/** As the gateway has it: what was written is on the disk at the end. */
async function convert(from: string, input: string, to: string, output: string, options: readonly string[]): Promise<void> {
  await execute('qemu-img', ['convert', '-t', 'writeback', '-f', from, '-O', to, ...options, input, output]);
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await toDisk(to);
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

async function largest(directory: string): Promise<string> {
  let found = { path: '', bytes: 0 };
  for (const name of await readdir(directory)) {
    const { blocks } = await stat(join(directory, name));
    if (blocks * 512 > found.bytes) found = { path: join(directory, name), bytes: blocks * 512 };
  }
  return found.path;
}
