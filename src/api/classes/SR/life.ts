import { rm } from 'node:fs/promises';
import { v4 } from 'uuid';
import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import { blobPath } from '../../blob-path.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { recordPbd } from '../../storage/pbd-record.js';
import { pbdsOf } from '../../storage/placement.js';
import { removeSecrets, revealPasswords } from '../../storage/secrets.js';
import { plugPbd, srSpec } from '../../storage/sr-attach.js';
import { removeVdiRecord } from '../../storage/vdi-record.js';

/** What the fields of an SR say while nobody has looked at the storage. */
const UNKNOWN_SIZE = -1;

interface SrFields {
  readonly uuid: string;
  readonly name_label: string;
  readonly name_description: string;
  readonly type: string;
  readonly content_type: string;
  readonly shared: boolean;
  readonly sm_config: ReadonlyMap<string, string>;
}

function recordSr(db: Database, fields: SrFields): Ref<'SR'> {
  if (db.table('SR').refsByUuid.has(fields.uuid)) throw new ApiError('SR_UUID_EXISTS', fields.uuid);
  return db.create('SR', {
    ...fields,
    type: fields.type.toLowerCase(),
    physical_size: UNKNOWN_SIZE,
    physical_utilisation: UNKNOWN_SIZE,
    default_vdi_visibility: true,
  });
}

/** SR.introduce: a record of what exists elsewhere; nothing is looked at. */
export const introduceSr: Handler<'SR', 'introduce'> = (
  { api },
  uuid,
  name_label,
  name_description,
  type,
  content_type,
  shared,
  sm_config,
) => recordSr(api.db, { uuid, name_label, name_description, type, content_type, shared, sm_config });

/**
 * SR.create: makes the storage on one host, then the records in one transaction, then attaches it everywhere. A refusal
 * of the storage leaves no trace; clients provoke some on purpose to look for targets and disks.
 */
export const createSr: Handler<'SR', 'create'> = async (
  call,
  host,
  deviceConfig,
  size,
  name_label,
  name_description,
  givenType,
  content_type,
  shared,
  sm_config,
) => {
  const { api, task } = call;
  const { db } = api;
  const type = givenType.toLowerCase();
  const hosts = shared ? hostsMasterFirst(call) : [host];
  const maker = shared ? db.get('pool', api.pool).master : host;
  const { multipathing: multipath } = db.get('host', maker);
  const { storage } = api.hosts.get(maker);
  if (!storage.drivers().some((driver) => driver.type === type)) throw new ApiError('SR_UNKNOWN_DRIVER', type);
  const uuid = v4();
  const spec = { uuid, type, smConfig: sm_config, contentType: content_type, shared, multipath };
  await storage.createSr({ ...spec, deviceConfig: revealPasswords(db, deviceConfig) }, size);
  const sr = db.transaction(() => {
    const ref = recordSr(db, { uuid, name_label, name_description, type, content_type, shared, sm_config });
    for (const each of hosts) recordPbd(db, ref, each, deviceConfig);
    return ref;
  });
  for (const pbd of db.get('SR', sr).PBDs) {
    try {
      await plugPbd(api, task, pbd);
    } catch (thrown) {
      // The SR is there; clients see the PBD unplugged and plug it again.
      api.log.warn({ err: thrown, sr: db.get('SR', sr).uuid }, 'a new SR could not be attached on a host');
    }
  }
  return sr;
};

function hostsMasterFirst({ api: { db, pool } }: Call): Ref<'host'>[] {
  const { master } = db.get('pool', pool);
  return [master, ...[...db.table('host').rows.keys()].filter((ref) => ref !== master)] as Ref<'host'>[];
}

/** SR.destroy: the storage with everything on it, then the record. */
export const destroySr: Handler<'SR', 'destroy'> = async ({ api, task }, sr) => {
  const { db } = api;
  await api.operations.run(task, [target('SR', sr, 'destroy')], async () => {
    const { other_config } = db.get('SR', sr);
    if (other_config.get('indestructible') === 'true') throw new ApiError('SR_INDESTRUCTIBLE', sr);
    const [cache] = db.filter('host', (fields) => fields.local_cache_sr === sr);
    if (cache) throw new ApiError('SR_IS_CACHE_SR', cache[0]);
    const pbds = pbdsOf(db, sr);
    const chosen = pbds.find(([, pbd]) => pbd.host === api.localHost) ?? pbds.find(([, pbd]) => api.hosts.find(pbd.host));
    const [, pbd] = chosen ?? pbds[0] ?? [];
    if (!pbd) throw new ApiError('SR_HAS_NO_PBDS', sr);
    await api.hosts.get(pbd.host).storage.destroySr(srSpec(api, sr, pbd.host, pbd.device_config));
    await forgetEverything({ api, task }, sr);
  });
};

/** SR.forget: the record goes, the storage stays as it is. */
export const forgetSr: Handler<'SR', 'forget'> = ({ api, task }, sr) =>
  api.operations.run(task, [target('SR', sr, 'forget')], () => forgetEverything({ api, task }, sr));

async function forgetEverything({ api }: Pick<Call, 'api' | 'task'>, sr: Ref<'SR'>): Promise<void> {
  const { db } = api;
  const blobs = [...db.get('SR', sr).blobs.values()].flatMap((blob) => db.find('blob', blob)?.fields.uuid ?? []);
  removeSrRecord(db, sr);
  for (const blob of blobs) await rm(blobPath(api.dataDir, blob), { force: true });
}

/** Removes an SR with its PBDs, their secrets, its VDIs and blobs, and where pool and hosts name it. */
function removeSrRecord(db: Database, sr: Ref<'SR'>): void {
  db.transaction(() => {
    const { PBDs, VDIs, blobs } = db.get('SR', sr);
    for (const pbd of PBDs) {
      const { device_config } = db.get('PBD', pbd);
      db.destroy('PBD', pbd);
      removeSecrets(db, device_config);
    }
    for (const vdi of VDIs) removeVdiRecord(db, vdi);
    for (const blob of blobs.values()) if (db.exists('blob', blob)) db.destroy('blob', blob);
    for (const [ref, pool] of db.all('pool')) {
      db.set('pool', ref, {
        ...(pool.default_SR === sr && { default_SR: NULL_REF }),
        ...(pool.suspend_image_SR === sr && { suspend_image_SR: NULL_REF }),
        ...(pool.crash_dump_SR === sr && { crash_dump_SR: NULL_REF }),
      });
    }
    for (const [ref, host] of db.all('host')) {
      db.set('host', ref, {
        ...(host.suspend_image_sr === sr && { suspend_image_sr: NULL_REF }),
        ...(host.crash_dump_sr === sr && { crash_dump_sr: NULL_REF }),
      });
    }
    db.destroy('SR', sr);
  });
}
