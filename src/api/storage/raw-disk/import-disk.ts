import { v4 } from 'uuid';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { DiskStream } from '../../../wire/disk/disk-stream.js';
import { ByteSource } from '../../../wire/xva/byte-source.js';
import { badFile } from '../../../wire/xva/file-error.js';
import type { Api } from '../../api.js';
import { target } from '../../operations/operations.js';
import { undoImport } from '../../vm-files/import/undo.js';
import { UnfinishedImports } from '../../vm-files/import/unfinished.js';
import { storageForVdi, volumeAddress } from '../placement.js';
import { recordChange, statVolume } from '../volume-state.js';
import { createVdi } from '../volumes.js';
import { type DiskForm, openDiskStream } from './disk-stream.js';
import type { Work } from './export-disk.js';
import { FileSpool } from './file-spool.js';
import { writeStream } from './write-stream.js';
import { openNew, openTarget, type WriteTarget } from './write-target.js';

/** A disk that is to be made of an upload. */
export interface ImportedVdi {
  readonly sr: Ref<'SR'>;
  readonly name: string;
  readonly description: string;
  /** In bytes; undefined where the upload says it. */
  readonly virtualSize: number | undefined;
}

/** Where the content of a disk goes: into a disk that is there, or into a new one. */
export type ImportInto = { readonly vdi: Ref<'VDI'> } | ImportedVdi;

/** Throws what stands against an import and will not pass by itself: VDI_NOT_MANAGED, VDI_READONLY, VDI_TOO_SMALL, VDI_IN_USE. */
export function assertImportable(api: Api, vdi: Ref<'VDI'>, { format, chunked, length }: DiskForm): void {
  const { db, operations } = api;
  assertWritable(api, vdi);
  if (format === 'raw' && !chunked && length !== undefined && length > db.get('VDI', vdi).virtual_size)
    throw new ApiError('VDI_TOO_SMALL', vdi, String(length));
  try {
    operations.assert(target('VDI', vdi, 'blocked'));
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.code === 'OTHER_OPERATION_IN_PROGRESS')) throw thrown;
  }
}

/**
 * Takes the content of a disk. Whole images replace what the disk had, all at once; raw bytes, records and differences go over it
 * where it has anything. When the upload fails, a new disk is destroyed, and one whose content was to be replaced keeps what it
 * had. Rejects with the IMPORT_ERROR family, VDI_TOO_SMALL, SR_FULL, TASK_CANCELLED.
 */
export async function importDisk(
  work: Work,
  upload: AsyncIterable<Buffer>,
  into: ImportInto,
  form: DiskForm,
): Promise<Ref<'VDI'>> {
  const { api, task } = work;
  const spool = new FileSpool();
  const source = new ByteSource(upload);
  task.cancellable(true);
  try {
    if (!('vdi' in into)) return await importNew(work, source, spool, into, form);
    const { vdi } = into;
    await api.operations.run(
      task,
      [target('VDI', vdi, 'blocked')],
      async () => {
        assertWritable(api, vdi);
        const { virtual_size } = api.db.get('VDI', vdi);
        const stream = await openDiskStream(source, form, virtual_size, spool);
        if (stream.size !== undefined && stream.size > virtual_size)
          throw new ApiError('VDI_TOO_SMALL', vdi, String(stream.size));
        const storage = storageForVdi(api, vdi);
        await fill(work, vdi, stream, source, form, await openTarget(storage, volumeAddress(api, vdi), virtual_size, stream));
      },
      'quick',
    );
    return vdi;
  } catch (thrown) {
    // A cancelled upload breaks off in ways of its own.
    task.check();
    throw thrown;
  } finally {
    await spool.close();
  }
}

function assertWritable({ db }: Api, vdi: Ref<'VDI'>): void {
  const { managed, read_only } = db.get('VDI', vdi);
  if (!managed) throw new ApiError('VDI_NOT_MANAGED', vdi);
  if (read_only) throw new ApiError('VDI_READONLY', vdi);
}

async function importNew(
  work: Work,
  source: ByteSource,
  spool: FileSpool,
  { sr, name, description, virtualSize }: ImportedVdi,
  form: DiskForm,
): Promise<Ref<'VDI'>> {
  const { api, task } = work;
  const stream = await openDiskStream(source, form, virtualSize, spool);
  const size = virtualSize ?? stream.size;
  if (size === undefined) throw badFile('nothing says how large the new disk has to be');
  if (stream.wholeUpTo === 0 && form.format === 'vhd') throw badFile('the VHD only has differences to another disk');
  const uuid = v4();
  const note = { vms: [], networks: [], disks: [{ sr: api.db.get('SR', sr).uuid, uuid }] };
  const notes = new UnfinishedImports(api.dataDir);
  const noted = await notes.begin(note);
  const held: { vdi?: Ref<'VDI'> } = {};
  try {
    const vdi = await createVdi(work, { sr, uuid, virtualSize: size, name, description });
    held.vdi = vdi;
    api.operations.begin(task, [target('VDI', vdi, 'blocked')]);
    if (stream.size !== undefined && stream.size > size) throw new ApiError('VDI_TOO_SMALL', vdi, String(stream.size));
    await fill(work, vdi, stream, source, form, await openNew(storageForVdi(api, vdi), volumeAddress(api, vdi)));
    api.operations.end(task, [target('VDI', vdi, 'blocked')]);
    await api.db.durable();
    await notes.end(noted);
    return vdi;
  } catch (thrown) {
    if (held.vdi !== undefined) api.operations.end(task, [target('VDI', held.vdi, 'blocked')]);
    if (await undoImport(api, note)) await notes.end(noted);
    throw thrown;
  }
}

async function fill(
  { api, task }: Work,
  vdi: Ref<'VDI'>,
  stream: DiskStream,
  source: ByteSource,
  { length }: DiskForm,
  into: WriteTarget,
): Promise<void> {
  const expected = length ?? stream.size ?? into.content.size;
  try {
    await writeStream(stream, into, vdi, () => {
      task.check();
      task.progress(expected === 0 ? 1 : source.taken / expected);
    });
  } catch (thrown) {
    await into.abandon();
    throw thrown;
  }
  task.cancellable(false);
  await into.content.close();
  await recordChange(api, vdi, await statVolume(api, vdi));
}
