import type { Logger } from 'pino';
import type { Database } from '../../db/database.js';
import type { SrSpec, Storage } from '../../host/storage.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { HostEntry } from './storage-records.js';

/** Disks that are made at a time. */
const AT_A_TIME = 250;

/**
 * Makes storage behind the SRs of a dump: each SR in its size, and in it an empty disk for each VDI, which takes no
 * space until something is written. SRs that the hosts cannot serve are shown as unplugged. Called once, with the hosts of
 * the dump there and before the API is built.
 */
export async function createDumpedStorage(db: Database, hosts: readonly HostEntry[], log: Logger): Promise<void> {
  const known = new Map(hosts);
  for (const [sr, fields] of [...db.all('SR')]) {
    const plugged = fields.PBDs.filter((pbd) => db.get('PBD', pbd).currently_attached);
    try {
      await createSr(db, fields, plugged, known);
      await createDisks(db, sr, known);
    } catch (thrown) {
      log.warn({ err: thrown, sr: fields.uuid, type: fields.type }, 'an SR of the dump cannot be served');
      db.transaction(() => {
        for (const pbd of plugged) db.set('PBD', pbd, { currently_attached: false });
      });
    }
  }
}

async function createSr(
  db: Database,
  sr: Fields<'SR'>,
  plugged: readonly Ref<'PBD'>[],
  hosts: ReadonlyMap<Ref<'host'>, HostEntry[1]>,
): Promise<void> {
  let made = false;
  for (const pbd of plugged) {
    const { host, device_config: deviceConfig } = db.get('PBD', pbd);
    const { uuid, type, sm_config: smConfig, content_type: contentType, shared } = sr;
    const spec: SrSpec = { uuid, type, deviceConfig, smConfig, contentType, shared };
    const storage = hosts.get(host)?.storage;
    if (!storage) throw new Error('a host of the dump is not there');
    if (!made) await storage.createSr(spec, Math.max(sr.physical_size, 0));
    made = true;
    await storage.attach(spec);
  }
}

async function createDisks(db: Database, sr: Ref<'SR'>, hosts: ReadonlyMap<Ref<'host'>, HostEntry[1]>): Promise<void> {
  const { uuid, VDIs, PBDs } = db.get('SR', sr);
  const pbd = PBDs.map((ref) => db.get('PBD', ref)).find(({ currently_attached }) => currently_attached);
  const storage = pbd && hosts.get(pbd.host)?.storage;
  if (!storage) return;
  const there = new Set((await storage.scan(uuid)).map(({ location }) => location));
  const needed = VDIs.map((ref) => [ref, db.get('VDI', ref)] as const).filter(
    ([, vdi]) => !there.has(vdi.location) && vdi.type !== 'cbt_metadata',
  );
  for (let at = 0; at < needed.length; at += AT_A_TIME) {
    const some = needed.slice(at, at + AT_A_TIME);
    const made = await Promise.allSettled(some.map(([, vdi]) => createDisk(storage, uuid, vdi)));
    db.transaction(() => {
      for (const [i, [ref]] of some.entries()) {
        const disk = made[i];
        // Media in drives of the real hosts, say, are not here.
        db.set('VDI', ref, disk?.status === 'fulfilled' ? { location: disk.value, missing: false } : { missing: true });
      }
    });
  }
}

async function createDisk(storage: Storage, sr: string, vdi: Fields<'VDI'>): Promise<string> {
  const volume = await storage.createVolume(sr, {
    uuid: vdi.uuid,
    virtualSize: vdi.virtual_size,
    name: vdi.name_label,
    description: vdi.name_description,
    smConfig: vdi.sm_config,
  });
  return volume.location;
}
