import type { Logger } from 'pino';
import type { Database } from '../../db/database.js';
import type { NewVolume, SrSpec } from '../../host/storage.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { HostEntry } from './storage-records.js';

/** A disk of a dump. */
export interface DumpedVolume extends NewVolume {
  readonly location: string;
  readonly readOnly: boolean;
  /** Bytes that its data took. */
  readonly physicalUtilisation: number;
  /** The domain whose memory is in it, and how many bytes. */
  readonly memoryOf?: { readonly domain: string; readonly memory: number };
}

/** Storage that can stand for what a dump tells of. */
export interface StandInStorage {
  /** An SR of that size in bytes, of whatever type and at whatever place. `host` is the uuid of the only host that sees it. */
  sr(spec: SrSpec, size: number, host: string | undefined): Promise<void>;
  /** A disk without its data, under its own location. */
  volume(sr: string, volume: DumpedVolume): Promise<void>;
}

/** Disks that are made at a time. */
const AT_A_TIME = 250;

/**
 * Puts storage behind the SRs of a dump: each SR in its size, and in it a disk for each VDI, without its data. Memory of
 * suspended VMs is made anew, so that they can be resumed; of those that cannot, the log tells. SRs that cannot be served
 * are shown as unplugged. Called once, with the hosts of the dump there and before the API is built.
 */
export async function createDumpedStorage(
  db: Database,
  hosts: readonly HostEntry[],
  storage: StandInStorage,
  log: Logger,
): Promise<void> {
  const images = memoryImages(db);
  for (const [sr, fields] of [...db.all('SR')]) {
    const plugged = fields.PBDs.filter((pbd) => db.get('PBD', pbd).currently_attached);
    try {
      await createSr(db, fields, storage, new Map(hosts));
    } catch (thrown) {
      log.warn({ err: thrown, sr: fields.uuid, type: fields.type }, 'an SR of the dump cannot be served');
      db.transaction(() => {
        for (const pbd of plugged) db.set('PBD', pbd, { currently_attached: false });
      });
      continue;
    }
    await createDisks(db, sr, storage, images, log);
  }
}

/** VMs, by the VDI that has their memory. */
function memoryImages(db: Database): ReadonlyMap<string, Fields<'VM'>> {
  const suspended = db.filter('VM', (vm) => vm.power_state === 'Suspended' && !isNullRef(vm.suspend_VDI));
  return new Map(suspended.map(([, vm]) => [vm.suspend_VDI, vm]));
}

async function createSr(
  db: Database,
  sr: Fields<'SR'>,
  storage: StandInStorage,
  hosts: ReadonlyMap<Ref<'host'>, HostEntry[1]>,
): Promise<void> {
  const pbds = sr.PBDs.map((pbd) => db.get('PBD', pbd));
  const { uuid, type, sm_config: smConfig, content_type: contentType, shared } = sr;
  const specOf = (deviceConfig: ReadonlyMap<string, string>): SrSpec => {
    return { uuid, type, deviceConfig, smConfig, contentType, shared };
  };
  const [first] = pbds;
  const only = !shared && pbds.length === 1 && first ? hosts.get(first.host)?.facts.uuid : undefined;
  await storage.sr(specOf(first?.device_config ?? new Map()), Math.max(sr.physical_size, 0), only);
  for (const { host, device_config, currently_attached } of pbds)
    if (currently_attached) await hosts.get(host)?.storage.attach(specOf(device_config));
}

async function createDisks(
  db: Database,
  sr: Ref<'SR'>,
  storage: StandInStorage,
  images: ReadonlyMap<string, Fields<'VM'>>,
  log: Logger,
): Promise<void> {
  const { uuid, VDIs } = db.get('SR', sr);
  const needed = VDIs.map((ref) => [ref, db.get('VDI', ref)] as const).filter(
    ([, vdi]) => !vdi.missing && vdi.type !== 'cbt_metadata',
  );
  for (let at = 0; at < needed.length; at += AT_A_TIME) {
    const some = needed.slice(at, at + AT_A_TIME);
    const made = await Promise.allSettled(some.map(([ref, vdi]) => storage.volume(uuid, dumpedVolume(vdi, images.get(ref)))));
    for (const [i, outcome] of made.entries()) {
      const [ref, vdi] = some[i] ?? [];
      if (outcome.status === 'fulfilled' || ref === undefined || !vdi) continue;
      const vm = images.get(ref);
      const what = vm ? 'a suspended VM of the dump cannot be resumed' : 'a disk of the dump cannot be served';
      log.warn({ err: outcome.reason, vdi: vdi.uuid, sr: uuid, ...(vm && { vm: vm.uuid }) }, what);
    }
  }
}

function dumpedVolume(vdi: Fields<'VDI'>, vm: Fields<'VM'> | undefined): DumpedVolume {
  return {
    uuid: vdi.uuid,
    location: vdi.location,
    virtualSize: vdi.virtual_size,
    physicalUtilisation: Math.max(vdi.physical_utilisation, 0),
    readOnly: vdi.read_only,
    name: vdi.name_label,
    description: vdi.name_description,
    smConfig: vdi.sm_config,
    ...(vm && { memoryOf: { domain: vm.uuid, memory: vm.memory_dynamic_max } }),
  };
}
