import type { Database, Patch } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { MessageArguments } from '../../../model/types.js';
import type { ClassBehaviour, Handler } from '../../behaviour.js';
import { target } from '../../operations/operations.js';
import { assertDriverSession } from '../../storage/driver-session.js';
import { storageForSr } from '../../storage/placement.js';
import { readSpace, recordSpace } from '../../storage/space.js';
import { changedFields, recordVolume, removeVdiRecord } from '../../storage/vdi-record.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** VDI.introduce: a record of what the driver finds at a location; one that is there already is brought up to date. */
const introduce: Handler<'VDI', 'introduce'> = (
  { api, task },
  uuid,
  name_label,
  name_description,
  sr,
  type,
  sharable,
  _readOnly,
  other_config,
  location,
  xenstore_data,
) => {
  const { db } = api;
  return api.operations.run(task, [target('SR', sr, 'vdi_introduce')], async () => {
    const storage = storageForSr(api, sr);
    assertLocationFree(db, sr, location, uuid);
    const volume = (await storage.scan(db.get('SR', sr).uuid)).find((candidate) => candidate.location === location);
    if (!volume) throw new ApiError('VDI_LOCATION_MISSING', sr, location);
    const space = await readSpace(api, storage, sr);
    const own: Patch<'VDI'> = {
      type,
      sharable,
      other_config,
      xenstore_data,
      ...(name_label !== '' && { name_label }),
      ...(name_description !== '' && { name_description }),
    };
    return db.transaction(() => {
      const known = db.get('SR', sr).VDIs.find((vdi) => db.get('VDI', vdi).location === location);
      if (known) db.set('VDI', known, { ...changedFields(db.get('VDI', known), volume), ...own });
      else assertNewUuid(db, uuid === '' ? volume.uuid : uuid);
      const vdi = known ?? recordVolume(db, sr, volume, { ...own, ...(uuid !== '' && { uuid }) });
      recordSpace(db, sr, space);
      return vdi;
    });
  });
};

function assertLocationFree(db: Database, sr: Ref<'SR'>, location: string, uuid?: string): void {
  const taken = db.get('SR', sr).VDIs.some((ref) => {
    const vdi = db.get('VDI', ref);
    return vdi.location === location && vdi.uuid !== uuid;
  });
  if (taken) throw new ApiError('LOCATION_NOT_UNIQUE', sr, location);
}

function assertNewUuid(db: Database, uuid: string): void {
  if (!UUID.test(uuid) || db.table('VDI').refsByUuid.has(uuid)) throw new ApiError('UUID_INVALID', 'VDI', uuid);
}

type Said = MessageArguments<'VDI', 'db_introduce'>;

/** A record as it was told, without a look at the storage. */
function introduceRecord(db: Database, ...said: Said): Ref<'VDI'> {
  const [uuid, name_label, name_description, SR, type, sharable, read_only, other_config, location, ...rest] = said;
  const [xenstore_data, sm_config, managed, virtual_size, physical_utilisation, metadata_of_pool, ...last] = rest;
  const [is_a_snapshot, snapshot_time, snapshot_of, cbt_enabled] = last;
  assertLocationFree(db, SR, location);
  assertNewUuid(db, uuid);
  return db.create('VDI', {
    uuid,
    name_label,
    name_description,
    SR,
    type,
    sharable,
    read_only,
    other_config,
    location,
    xenstore_data,
    sm_config,
    managed,
    virtual_size,
    physical_utilisation,
    metadata_of_pool,
    is_a_snapshot,
    snapshot_time,
    snapshot_of,
    cbt_enabled,
  });
}

/** Records of disks that nobody made here. */
export const introduction: ClassBehaviour<'VDI'>['messages'] = {
  introduce,
  pool_introduce: ({ api }, ...said) => introduceRecord(api.db, ...said),
  db_introduce: (call, ...said) => {
    assertDriverSession(call, said[3]);
    return introduceRecord(call.api.db, ...said);
  },
  db_forget: (call, vdi) => {
    assertDriverSession(call, call.api.db.get('VDI', vdi).SR);
    removeVdiRecord(call.api.db, vdi);
  },
};
