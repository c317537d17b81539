import { v4 } from 'uuid';
import { newRef, type Ref } from '../../../model/ref.js';
import { badFile } from '../../../wire/xva/file-error.js';
import { type Target, target } from '../../operations/operations.js';
import type { OperableClass } from '../../operations/rule.js';
import { createVdi } from '../../storage/volumes.js';
import type { Work } from '../export/export.js';
import { dropForeignMemory, isForeignMemory, tellOfChanges } from './adapt.js';
import { chooseVms, type NewVm } from './choose-vms.js';
import { IMPORT_TASK_KEY, type ImportContext, ImportedRefs, type ImportOptions } from './context.js';
import type { FileRecord } from './file-objects.js';
import { findHosts, findIso, findNetworks, isIso } from './find-objects.js';
import { finishImport, resultOf } from './finish.js';
import { openFile } from './open-file.js';
import { assertAddressesFree } from './restore-checks.js';
import { undoImport } from './undo.js';
import { type ImportNote, UnfinishedImports } from './unfinished.js';
import type { StreamedDisk, VmFile } from './vm-file.js';
import { type NewRecords, writeRecords } from './write-records.js';

/** A disk that is to be made. */
interface NewDisk {
  readonly record: FileRecord<'VDI'>;
  readonly uuid: string;
}

/**
 * Makes the VMs of a file, with their disks in an SR. Resolves to them, without snapshots. When anything fails, `upload` among it,
 * nothing stays of what was made; the errors of files are those of the IMPORT_ERROR family.
 */
export async function importVms(
  work: Work,
  upload: AsyncIterable<Buffer>,
  sr: Ref<'SR'>,
  options: ImportOptions,
): Promise<Ref<'VM'>[]> {
  const { api, task } = work;
  task.cancellable(true);
  const file = await openFile(api, upload);
  try {
    const context: ImportContext = {
      api,
      task,
      objects: file.objects,
      refs: new ImportedRefs(),
      options,
    };
    if (options.restore) assertAddressesFree(context);
    return await make(context, file, sr);
  } finally {
    await file.close();
  }
}

async function make(context: ImportContext, file: VmFile, sr: Ref<'SR'>): Promise<Ref<'VM'>[]> {
  const { api, objects } = context;
  findHosts(context);
  const { made: vms, present } = chooseVms(context);
  const networks = findNetworks(context).map((record) => ({ record, ref: newRef<'network'>() }));
  const disks = objects.of('VDI').flatMap((record): NewDisk[] => {
    if (!isIso(context, record)) return [{ record, uuid: v4() }];
    const iso = findIso(api.db, record);
    if (iso !== undefined) context.refs.set('VDI', record.id, iso);
    return [];
  });
  const note: ImportNote = {
    vms: vms.map(({ ref }) => ref),
    networks: networks.map(({ ref }) => ref),
    disks: disks.map(({ uuid }) => ({ sr: api.db.get('SR', sr).uuid, uuid })),
  };
  const notes = new UnfinishedImports(api.dataDir);
  const name = await notes.begin(note);
  try {
    for (const disk of disks) await makeDisk(context, sr, disk);
    await makeVms(context, file, disks, { vms, networks });
    await api.db.durable();
  } catch (thrown) {
    // Nothing of it may wait for what is ending here.
    api.operations.end(context.task, heldTargets(context, disks, vms));
    if (await undoImport(api, note)) {
      await api.db.durable();
      await notes.end(name);
    }
    throw thrown;
  }
  await notes.end(name);
  tellOfChanges(
    context,
    vms.map(({ ref, record }) => ({ vm: ref, caution: file.cautions.get(record.id) })),
  );
  return resultOf(context, [...vms.map(({ ref }) => ref), ...present]);
}

async function makeDisk(context: ImportContext, sr: Ref<'SR'>, { record, uuid }: NewDisk): Promise<void> {
  const { api, task, refs } = context;
  const { fields } = record;
  if (fields.virtual_size < 0) throw badFile('a disk of the file has a size below zero');
  task.check();
  const vdi = await createVdi(context, {
    sr,
    uuid,
    virtualSize: fields.virtual_size,
    name: fields.name_label,
    description: fields.name_description,
    type: fields.type,
    sharable: fields.sharable,
    readOnly: fields.read_only,
    otherConfig: fields.other_config,
    xenstoreData: fields.xenstore_data,
    // What other drivers have noted for themselves means nothing to ours.
    smConfig: new Map([[IMPORT_TASK_KEY, task.ref]]),
    tags: fields.tags,
  });
  refs.set('VDI', record.id, vdi);
  api.operations.begin(task, [target('VDI', vdi, 'blocked')]);
}

async function makeVms(context: ImportContext, file: VmFile, disks: readonly NewDisk[], wanted: NewRecords): Promise<void> {
  const { api, task, objects, refs, options } = context;
  const { db } = api;
  const devices = db.transaction(() => {
    const made = writeRecords(context, wanted);
    api.operations.begin(
      task,
      wanted.vms.map(({ ref }) => target('VM', ref, 'import')),
    );
    return made;
  });
  tellTask(context);
  const foreign = new Set<Ref<'VDI'>>();
  const inDrives = new Set(objects.of('VBD').flatMap(({ fields }) => (fields.type === 'CD' ? [] : [fields.VDI as string])));
  const streamed = disks.flatMap(({ record: { id, fields } }): StreamedDisk[] => {
    const vdi = refs.find('VDI', id);
    if (vdi === undefined || !(inDrives.has(id) || fields.type === 'suspend')) return [];
    const onStart = (data: Buffer) => {
      if (fields.type === 'suspend' && isForeignMemory(context, data)) foreign.add(vdi);
    };
    return [{ id, vdi, size: fields.virtual_size, onStart }];
  });
  await file.fill(context, streamed, options.force);
  task.check();
  task.cancellable(false);
  await finishImport(context, wanted.vms, heldTargets(context, disks, wanted.vms), () => devices);
  await dropForeignMemory(context, foreign);
}

/** What the import works on, so that nobody else does. */
function heldTargets({ refs }: ImportContext, disks: readonly NewDisk[], vms: readonly NewVm[]): Target<OperableClass>[] {
  return [
    ...vms.map(({ ref }) => target('VM', ref, 'import')),
    ...disks.flatMap(({ record }) => {
      const vdi = refs.find('VDI', record.id);
      return vdi === undefined ? [] : [target('VDI', vdi, 'blocked')];
    }),
  ];
}

/** Clients put the cards of the VM into other networks as soon as it is there, while its disks are still on their way. */
function tellTask({ api: { db }, task }: ImportContext): void {
  const fields = db.find('task', task.ref)?.fields;
  if (fields) db.set('task', task.ref, { other_config: new Map([...fields.other_config, ['object_creation', 'complete']]) });
}
