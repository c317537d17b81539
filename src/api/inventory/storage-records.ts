import { v4 } from 'uuid';
import type { Database } from '../../db/database.js';
import type { Host } from '../../host/host.js';
import type { SrSpec, Storage } from '../../host/storage.js';
import type { Ref } from '../../model/ref.js';
import { recordSpace } from '../storage/space.js';
import { recordVolume } from '../storage/vdi-record.js';
import type { SrPlan } from './plan.js';

/** A host object with the host behind it. */
export type HostEntry = readonly [Ref<'host'>, Host];

/** SRs that were made of one line of the plan: one for all hosts, or one for each. */
export interface MadeSrs {
  readonly plan: SrPlan;
  /** Each with the hosts that have it attached. */
  readonly srs: readonly { readonly sr: Ref<'SR'>; readonly owners: readonly HostEntry[] }[];
}

/** Makes the SRs of a plan on the hosts, with their PBDs and what is in them, and attaches them. */
export async function createStorage(db: Database, hosts: readonly HostEntry[], plans: readonly SrPlan[]): Promise<MadeSrs[]> {
  const made: MadeSrs[] = [];
  for (const plan of plans) {
    const groups = plan.shared ? [hosts] : hosts.map((host) => [host]);
    const srs: MadeSrs['srs'][number][] = [];
    for (const [number, owners] of groups.entries()) {
      if (plan.host !== undefined && plan.host !== number) continue;
      srs.push({ sr: await createSr(db, owners, plan, number), owners });
    }
    made.push({ plan, srs });
  }
  return made;
}

async function createSr(db: Database, owners: readonly HostEntry[], plan: SrPlan, number: number): Promise<Ref<'SR'>> {
  const [first] = owners;
  if (!first) throw new Error(`there is no host for the SR ${plan.name}`);
  const { storage } = first[1];
  const { type, contentType, shared, smConfig } = plan;
  const uuid = plan.existing ?? v4();
  const spec: SrSpec = { uuid, type, deviceConfig: plan.deviceConfig(number), smConfig, contentType, shared };
  if (plan.existing === undefined) await storage.createSr(spec, plan.size);
  for (const [, host] of owners) await host.storage.attach(spec);
  for (const volume of plan.volumes)
    await storage.createVolume(spec.uuid, {
      uuid: v4(),
      virtualSize: volume.size,
      name: volume.name,
      description: '',
      smConfig: volume.smConfig,
    });
  const volumes = await storage.scan(spec.uuid);
  const space = await storage.space(spec.uuid);
  return db.transaction(() => {
    const sr = db.create('SR', {
      uuid: spec.uuid,
      name_label: plan.name,
      name_description: plan.description,
      type,
      content_type: contentType,
      shared,
      sm_config: smConfig,
      other_config: plan.otherConfig,
      default_vdi_visibility: true,
      is_tools_sr: plan.isTools,
    });
    for (const [host] of owners) db.create('PBD', { host, SR: sr, device_config: spec.deviceConfig, currently_attached: true });
    for (const volume of volumes) recordVolume(db, sr, volume, contentType === 'iso' ? { read_only: true } : {});
    recordSpace(db, sr, space);
    return sr;
  });
}

/** The SR that a disk of a VM on a host goes to, by the name in the plan or by default, with a storage that has it attached. */
export function srForDisk(
  made: readonly MadeSrs[],
  host: HostEntry,
  name: string | undefined,
): { readonly sr: Ref<'SR'>; readonly storage: Storage } {
  const local = made.find(({ plan }) => !plan.shared && plan.contentType === 'user');
  const line =
    name === undefined ? (made.find(({ plan }) => plan.isDefault) ?? local) : made.find(({ plan }) => plan.name === name);
  const found = line?.srs.find(({ owners }) => owners.some(([ref]) => ref === host[0]));
  if (!found) throw new Error(`host ${host[1].facts.name} has no SR ${name ?? ''} for the disk of a VM`);
  return { sr: found.sr, storage: host[1].storage };
}

/**
 * Writes where new disks and memory images go, for the pool and for each host. Crash dumps get a place in the pool only
 * when somebody chooses one, as with the original.
 */
export function setDefaultSrs(db: Database, pool: Ref<'pool'>, hosts: readonly HostEntry[], made: readonly MadeSrs[]): void {
  const standard = made.find(({ plan }) => plan.isDefault);
  const local = made.find(({ plan }) => !plan.shared && plan.contentType === 'user');
  db.transaction(() => {
    // An SR of one host is no place for the whole pool, unless the pool is that host.
    const sr = standard && (standard.plan.shared || hosts.length === 1) ? standard.srs[0]?.sr : undefined;
    if (sr) db.set('pool', pool, { default_SR: sr, suspend_image_SR: sr });
    for (const [host] of hosts) {
      const own = local?.srs.find(({ owners }) => owners.some(([ref]) => ref === host))?.sr ?? sr;
      if (own) db.set('host', host, { suspend_image_sr: own, crash_dump_sr: own });
    }
  });
}
