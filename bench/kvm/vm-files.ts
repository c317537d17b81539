import { rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { execute } from '../../test-support/libvirt/execute.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';
import { download, toDisk, upload } from './transfers.js';
import { inTurns, shareRow } from './turns.js';

const WANTED = 60;

/** A disk that is there, with its image, and where files may be made. */
export interface MeasuredDisk {
  readonly sr: string;
  readonly disk: string;
  /** In bytes. */
  readonly size: number;
  readonly image: string;
  readonly file: (name: string) => string;
  /** To be done before anything is measured that makes a file of the disk's size. */
  readonly memory: () => Promise<void>;
}

/**
 * A VM with that disk sent and taken as a file over HTTP by curl. Beside it tar packs and unpacks the image of the disk, which holds
 * the same data, and xxhsum works out XXH64 of that, one after the other and without a network.
 */
export async function measureVmFiles(daemon: KvmDaemon, { sr, disk, size, image, file, memory }: MeasuredDisk): Promise<Row[]> {
  const { client } = daemon;
  const vm = await vmWith(daemon, disk);
  const uuid = await client.call<string>('VM.get_uuid', vm);
  const [ours, theirs, fresh, back] = [file('ours.xva'), file('theirs.tar'), file('fresh.image'), file('back.image')];
  const [directory, name] = [dirname(image), basename(image)];
  const out = await inTurns(
    () => download(daemon, 'export', { uuid }, ours),
    async () => {
      await execute('tar', ['-cf', theirs, '-C', directory, name]);
      await toDisk(theirs);
      await hash(image);
    },
    memory,
  );
  let copy: string | undefined;
  const taken = await inTurns(
    async () => {
      const result = await upload(daemon, 'import', { sr_id: sr }, ours);
      // As an unpacked file that takes the place of the one before, the VM goes when the next one has come.
      if (copy !== undefined) await removeVm(daemon, copy);
      copy = /OpaqueRef:[-0-9a-f]+/.exec(result)?.[0];
    },
    async () => {
      await execute('tar', ['-xf', theirs, '-C', dirname(fresh), `--transform=s,.*,${basename(fresh)},`]);
      await toDisk(fresh);
      await hash(fresh);
      await rename(fresh, back);
    },
    memory,
  );
  if (copy !== undefined) await removeVm(daemon, copy);
  await rm(ours, { force: true });
  await client.call('VM.destroy', vm);
  const what = `a VM with a disk of ${size / 2 ** 20} MiB`;
  return [
    shareRow(`${what} sent as a file`, 'tar and xxhsum', size, WANTED, out),
    shareRow('the same taken', 'tar and xxhsum', size, WANTED, taken),
  ];
}

async function hash(path: string): Promise<void> {
  await execute('xxhsum', ['-H64', path]).catch((thrown: unknown) => {
    throw new Error('the program xxhsum is needed beside it: install the package xxhash', { cause: thrown });
  });
}

async function vmWith({ client }: KvmDaemon, disk: string): Promise<string> {
  const [template] = await client.call<string[]>('VM.get_by_name_label', 'Other install media');
  if (template === undefined) throw new Error('there is no template');
  const vm = await client.call<string>('VM.clone', template, 'measured');
  await client.call('VM.provision', vm);
  await client.call('VBD.create', {
    VM: vm,
    VDI: disk,
    userdevice: '0',
    bootable: true,
    mode: 'RW',
    type: 'Disk',
    unpluggable: true,
    empty: false,
    other_config: {},
    qos_algorithm_type: '',
    qos_algorithm_params: {},
  });
  return vm;
}

async function removeVm({ client }: KvmDaemon, vm: string): Promise<void> {
  const disks: string[] = [];
  for (const vbd of await client.call<string[]>('VM.get_VBDs', vm)) disks.push(await client.call<string>('VBD.get_VDI', vbd));
  await client.call('VM.destroy', vm);
  for (const disk of disks) if (disk !== 'OpaqueRef:NULL') await client.call('VDI.destroy', disk);
}
