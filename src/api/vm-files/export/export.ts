import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { Checksums } from '../../../wire/xva/checksums.js';
import { byId } from '../../../wire/xva/disk-chunks.js';
import { DiskWriter } from '../../../wire/xva/disk-writer.js';
import { tarEnd } from '../../../wire/xva/tar-header.js';
import type { Api } from '../../api.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { storageForVdi, volumeAddress } from '../../storage/placement.js';
import { type DiskProgress, diskEntries } from './disk-content.js';
import { fileStart } from './file-start.js';
import { type Gathered, gather } from './gather.js';

/** What work on files of VMs needs of a call. */
export type Work = Pick<Call, 'api' | 'task'>;

/** Takes a file, piece by piece, and resolves when it has all of it. */
export type Sink = (content: AsyncIterable<Buffer>) => Promise<void>;

/** How a VM is written to a file. */
export interface ExportOptions {
  /** A suspended VM stays suspended in the file, with its memory. */
  readonly preservePowerState: boolean;
}

interface FileDisk {
  readonly id: string;
  readonly vdi: Ref<'VDI'>;
  /** In bytes. */
  readonly size: number;
}

/**
 * Writes a VM, template or snapshot with its disks to a file. Takes the operation `export` of the VM and `copy` of its disks; what
 * refuses these is thrown before `sink` is called.
 */
export async function exportVm(work: Work, vm: Ref<'VM'>, { preservePowerState }: ExportOptions, sink: Sink): Promise<void> {
  const { api, task } = work;
  const { db } = api;
  await api.operations.run(
    task,
    [target('VM', vm, 'export')],
    async () => {
      const gathered = gather(db, [vm], { snapshots: false, preservePowerState, parents: false, without: new Set() });
      const disks = disksOf(api, vm, gathered, preservePowerState);
      const locks = disks.filter(({ vdi }) => !heldBy(api, vdi, vm)).map(({ vdi }) => target('VDI', vdi, 'copy'));
      await api.operations.run(task, locks, () => sink(wholeFile(work, gathered, disks, preservePowerState)), 'quick');
    },
    'quick',
  );
}

async function* wholeFile(
  work: Work,
  gathered: Gathered,
  disks: readonly FileDisk[],
  preservePowerState: boolean,
): AsyncGenerator<Buffer, void, void> {
  const { api, task } = work;
  task.cancellable(true);
  const time = Math.floor(Date.now() / 1000);
  yield* await fileStart(api, gathered, { preservePowerState, snapshots: false }, time);
  const checksums = await Checksums.load();
  const total = disks.reduce((sum, { size }) => sum + size, 0) || 1;
  let before = 0;
  for (const { id, vdi, size } of disks) {
    const start = before;
    const progress: DiskProgress = {
      done: (bytes) => {
        task.check();
        task.progress((start + bytes) / total);
      },
    };
    const content = await storageForVdi(api, vdi).open(volumeAddress(api, vdi), 'read');
    try {
      yield* diskEntries(content, size, new DiskWriter(id, checksums, time), progress);
    } finally {
      await content.close();
    }
    before += size;
  }
  yield tarEnd();
}

/** Disks whose data goes into the file, in their order there. What lies on CDs does not. */
function disksOf({ db }: Api, vm: Ref<'VM'>, gathered: Gathered, preservePowerState: boolean): FileDisk[] {
  const { VBDs, power_state, suspend_VDI } = db.get('VM', vm);
  const inDrives = VBDs.flatMap((ref) => {
    const vbd = db.find('VBD', ref)?.fields;
    return vbd && vbd.type !== 'CD' && !vbd.empty ? [vbd.VDI] : [];
  });
  const memory = preservePowerState && power_state === 'Suspended' ? [suspend_VDI] : [];
  const vdis = new Set([...memory, ...inDrives]);
  return [...vdis]
    .flatMap((vdi) => {
      const id = gathered.idOf(vdi);
      const fields = db.find('VDI', vdi)?.fields;
      if (id === undefined || !fields || isOfIsos(db, fields)) return [];
      return [{ id, vdi, size: fields.virtual_size }];
    })
    .sort(byId);
}

function isOfIsos(db: Api['db'], { SR }: Fields<'VDI'>): boolean {
  return db.find('SR', SR)?.fields.content_type === 'iso';
}

/** Whether a disk needs no lock of its own: a suspended VM keeps its disks, and one that a boot throws away cannot be copied. */
function heldBy({ db }: Api, vdi: Ref<'VDI'>, vm: Ref<'VM'>): boolean {
  const { VBDs, on_boot } = db.get('VDI', vdi);
  const holds = VBDs.some((ref) => {
    const vbd = db.find('VBD', ref)?.fields;
    return vbd?.currently_attached && vbd.VM === vm;
  });
  return holds || on_boot === 'reset';
}
