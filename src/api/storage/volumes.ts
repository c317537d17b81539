import { v4 } from 'uuid';
import type { Patch } from '../../db/database.js';
import { toDateTime } from '../../model/datetime.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue, Fields } from '../../model/types.js';
import type { Call } from '../call.js';
import { target } from '../operations/operations.js';
import { forgetDigests } from './block-digests-file.js';
import { storageForSr, storageForVdi, volumeAddress } from './placement.js';
import { destroyResetBase } from './reset-on-boot.js';
import { readSpace, recordSpace } from './space.js';
import { driverConfig, inheritedFields, recordVolume, removeVdiRecord } from './vdi-record.js';
import { labelProperties } from './volume-label.js';
import { recordChange } from './volume-state.js';

export { copyVdi, copyVdiInto, srOrOwn } from './copy.js';
export { moveVdi } from './move.js';
export { hostForSr, storageForSr, storageForVdi, volumeAddress } from './placement.js';
export { resetDisksAtBoot } from './reset-on-boot.js';

/** What work on volumes needs of a call. */
export type Work = Pick<Call, 'api' | 'task'>;

/** A disk to be made. Size in bytes; storage may round it up. */
export interface NewVdi {
  readonly sr: Ref<'SR'>;
  /** A new one where none is given. */
  readonly uuid?: string;
  readonly virtualSize: number;
  readonly name?: string;
  readonly description?: string;
  readonly type?: EnumValue<'vdi_type'>;
  readonly sharable?: boolean;
  readonly readOnly?: boolean;
  readonly otherConfig?: ReadonlyMap<string, string>;
  readonly xenstoreData?: ReadonlyMap<string, string>;
  readonly smConfig?: ReadonlyMap<string, string>;
  readonly tags?: readonly string[];
}

/** Makes an empty disk. Takes the SR's operation; its refusals are those of VDI.create. */
export async function createVdi({ api, task }: Work, wanted: NewVdi): Promise<Ref<'VDI'>> {
  const { db } = api;
  const { sr } = wanted;
  return api.operations.run(task, [target('SR', sr, 'vdi_create')], async () => {
    const storage = storageForSr(api, sr);
    if (wanted.type === 'cbt_metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', '', 'cbt_metadata');
    const fields: Patch<'VDI'> = {
      name_label: wanted.name ?? '',
      name_description: wanted.description ?? '',
      type: wanted.type ?? 'user',
      sharable: wanted.sharable ?? false,
      read_only: wanted.readOnly ?? false,
      other_config: wanted.otherConfig ?? new Map(),
      xenstore_data: wanted.xenstoreData ?? new Map(),
      tags: wanted.tags ?? [],
    };
    const volume = await storage.createVolume(db.get('SR', sr).uuid, {
      uuid: wanted.uuid ?? v4(),
      virtualSize: wanted.virtualSize,
      name: wanted.name ?? '',
      description: wanted.description ?? '',
      properties: labelProperties(db, fields),
      smConfig: driverConfig(wanted.sharable, wanted.smConfig),
    });
    const space = await readSpace(api, storage, sr);
    return db.transaction(() => {
      const vdi = recordVolume(db, sr, volume, fields);
      recordSpace(db, sr, space);
      return vdi;
    });
  });
}

/** Destroys a disk with its data, its VBDs and crash dumps. Refused while a VBD of it is attached. */
export async function destroyVdi({ api, task }: Work, vdi: Ref<'VDI'>): Promise<void> {
  const { db } = api;
  const { SR: sr } = db.get('VDI', vdi);
  await api.operations.run(task, [target('SR', sr, 'vdi_destroy'), target('VDI', vdi, 'destroy')], async () => {
    const storage = storageForVdi(api, vdi);
    assertManaged(db.get('VDI', vdi), vdi);
    const { type, uuid } = db.get('VDI', vdi);
    // What made it superfluous must be on disk before it goes: else a daemon that dies here comes back needing it.
    await db.durable();
    // Only the record of changes is left of such a VDI: its data went with data_destroy.
    if (type === 'cbt_metadata') await forgetDigests(api.dataDir, uuid);
    else await storage.destroyVolume(volumeAddress(api, vdi));
    if (db.get('VDI', vdi).on_boot === 'reset') await destroyResetBase(api, vdi);
    const space = await readSpace(api, storage, sr);
    db.transaction(() => {
      if (db.exists('VDI', vdi)) removeVdiRecord(db, vdi);
      recordSpace(db, sr, space);
    });
  });
}

/** Takes a read-only copy as of now in the same SR. */
export function snapshotVdi(work: Work, vdi: Ref<'VDI'>): Promise<Ref<'VDI'>> {
  return derive(work, vdi, 'snapshot');
}

/** Makes a writable copy in the same SR that shares what it can with its origin. */
export function cloneVdi(work: Work, vdi: Ref<'VDI'>): Promise<Ref<'VDI'>> {
  return derive(work, vdi, 'clone');
}

async function derive({ api, task }: Work, vdi: Ref<'VDI'>, kind: 'snapshot' | 'clone'): Promise<Ref<'VDI'>> {
  const { db } = api;
  const { SR: sr } = db.get('VDI', vdi);
  return api.operations.run(task, [target('SR', sr, `vdi_${kind}`), target('VDI', vdi, kind)], async () => {
    const storage = storageForVdi(api, vdi);
    assertManaged(db.get('VDI', vdi), vdi);
    // The disk would go on in an image of which no two VMs can write.
    if (db.get('VDI', vdi).sharable) throw new ApiError('VDI_IS_SHARABLE', vdi);
    const address = volumeAddress(api, vdi);
    const snapshot = { is_a_snapshot: true, snapshot_of: vdi, snapshot_time: toDateTime() };
    const properties = labelProperties(db, { ...db.get('VDI', vdi), ...(kind === 'snapshot' ? snapshot : NO_SNAPSHOT) });
    const volume = await (kind === 'snapshot'
      ? storage.snapshotVolume(address, v4(), properties)
      : storage.cloneVolume(address, v4(), properties));
    const space = await readSpace(api, storage, sr);
    return db.transaction(() => {
      const origin = db.get('VDI', vdi);
      const copy = recordVolume(db, sr, volume, {
        ...inheritedFields(origin),
        // A snapshot is not written to because nothing attaches it writable; the flag stays as it was on the origin.
        read_only: origin.read_only,
        ...(kind === 'snapshot' && { ...snapshot, cbt_enabled: origin.cbt_enabled }),
      });
      recordSpace(db, sr, space);
      return copy;
    });
  });
}

const NO_SNAPSHOT = { is_a_snapshot: false };

/**
 * Gives a disk the content of one of its snapshots. Takes the operations of VDI.revert; the disk may not be attached.
 */
export async function revertVdi({ api, task }: Work, snapshot: Ref<'VDI'>): Promise<void> {
  const { db } = api;
  const { SR: sr, snapshot_of: vdi } = db.get('VDI', snapshot);
  const first = [target('SR', sr, 'vdi_revert'), target('VDI', snapshot, 'revert_to')];
  await api.operations.run(task, first, () =>
    api.operations.run(task, [target('VDI', vdi, 'revert_from')], async () => {
      const storage = storageForVdi(api, vdi);
      assertManaged(db.get('VDI', snapshot), snapshot);
      const volume = await storage.revertVolume(volumeAddress(api, vdi), volumeAddress(api, snapshot));
      await recordChange(api, vdi, volume);
    }),
  );
}

/** Throws VDI_NOT_MANAGED for what is no disk of its own but part of others. */
export function assertManaged(fields: Fields<'VDI'>, vdi: string): void {
  if (!fields.managed) throw new ApiError('VDI_NOT_MANAGED', vdi);
}
