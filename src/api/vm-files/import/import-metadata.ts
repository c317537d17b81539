import { ApiError } from '../../../model/error.js';
import { newRef, type Ref } from '../../../model/ref.js';
import { removeVmRecord } from '../../classes/VM/destroy.js';
import { target } from '../../operations/operations.js';
import type { Work } from '../export/export.js';
import { chooseVms } from './choose-vms.js';
import { type ImportContext, ImportedRefs, type ImportOptions } from './context.js';
import { FileObjects, type FileRecord } from './file-objects.js';
import { findHosts, findIso, findNetworks, isIso } from './find-objects.js';
import { finishImport, resultOf } from './finish.js';
import { openTar } from './open-file.js';
import { assertAddressesFree } from './restore-checks.js';
import { writeRecords } from './write-records.js';
import { readXva } from './xva/open-xva.js';

/** How a file without disks is imported. */
export interface MetadataImportOptions extends ImportOptions {
  /** Everything is tried, and nothing stays. */
  readonly dryRun: boolean;
  /** Disks of the pool, by uuid or reference, that take the place of those of the file, which are named by their uuids. */
  readonly disks: ReadonlyMap<string, string>;
}

/**
 * Makes the VMs of a file whose disks the pool has already, in one transaction. Resolves to them, without snapshots. Throws
 * VDI_LOCATION_MISSING and VDI_CONTENT_ID_MISSING for disks that are not there, and what `importVms` throws.
 */
export async function importMetadata(
  work: Work,
  upload: AsyncIterable<Buffer>,
  options: MetadataImportOptions,
): Promise<Ref<'VM'>[]> {
  const { api, task } = work;
  const { db } = api;
  const description = await openTar(upload, async (file) => {
    const read = await readXva(file);
    await file.close();
    return read;
  });
  const context: ImportContext = { api, task, objects: new FileObjects(description), refs: new ImportedRefs(), options };
  if (options.restore) assertAddressesFree(context);
  findHosts(context);
  findSrs(context);
  for (const disk of context.objects.of('VDI')) findDisk(context, options, disk);
  const { made: vms, present } = chooseVms(context);
  const networks = findNetworks(context).map((record) => ({ record, ref: newRef<'network'>() }));
  const replaced = vms.flatMap(({ replaces }) => replaces ?? []);
  const held = vms.map(({ ref }) => target('VM', ref, 'import'));
  const write = () => {
    const made = writeRecords(context, { vms, networks });
    api.operations.begin(task, held);
    return made;
  };
  if (options.dryRun) {
    attempt(() =>
      db.transaction(() => {
        for (const vm of replaced) removeVmRecord(db, vm);
        write();
        throw new Undone();
      }),
    );
    return [...present];
  }
  await finishImport(context, vms, held, write);
  await db.durable();
  return resultOf(context, [...vms.map(({ ref }) => ref), ...present]);
}

/** Ends a transaction that was only tried. */
class Undone extends Error {}

function attempt(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Undone)) throw thrown;
  }
}

function findSrs({ api: { db }, objects, refs }: ImportContext): void {
  for (const { id, fields } of objects.of('SR')) {
    const sr = db.table('SR').refsByUuid.get(fields.uuid);
    if (sr !== undefined) refs.set('SR', id, sr as Ref<'SR'>);
  }
}

function findDisk(context: ImportContext, options: MetadataImportOptions, record: FileRecord<'VDI'>): void {
  const { api, refs } = context;
  const { db } = api;
  const { fields, id } = record;
  if (isIso(context, record)) {
    const iso = findIso(db, record);
    if (iso !== undefined) refs.set('VDI', id, iso);
    return;
  }
  const wanted = options.disks.get(fields.uuid);
  const sr = refs.find('SR', fields.SR);
  const found =
    (wanted === undefined ? undefined : namedDisk(context, wanted)) ??
    (sr === undefined ? undefined : db.filter('VDI', (vdi) => vdi.SR === sr && vdi.location === fields.location)[0]?.[0]);
  if (found !== undefined) {
    refs.set('VDI', id, found);
    return;
  }
  if (options.force) api.log.warn({ location: fields.location }, 'a disk of a file is not in the pool: its drives were left out');
  else if (sr === undefined) throw new ApiError('VDI_CONTENT_ID_MISSING');
  else throw new ApiError('VDI_LOCATION_MISSING', sr, fields.location);
}

function namedDisk({ api: { db } }: ImportContext, text: string): Ref<'VDI'> | undefined {
  const ref = db.table('VDI').refsByUuid.get(text) ?? text;
  return db.exists('VDI', ref) ? (ref as Ref<'VDI'>) : undefined;
}
