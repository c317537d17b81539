import type { SrSpec } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { inProgress, target } from '../operations/operations.js';
import type { TaskHandle } from '../tasks.js';
import { pbdsOf } from './placement.js';
import { poolOf } from './pool-state.js';
import { scanSr } from './scan.js';
import { revealPasswords } from './secrets.js';

/** What a host needs to know of an SR to reach it by a PBD. Holds passwords: for the host, never for a log. */
export function srSpec({ db }: Api, sr: string, host: string, deviceConfig: ReadonlyMap<string, string>): SrSpec {
  const { uuid, type, sm_config, content_type, shared } = db.get('SR', sr);
  return {
    uuid,
    type,
    deviceConfig: revealPasswords(db, deviceConfig),
    smConfig: sm_config,
    contentType: content_type,
    shared,
    multipath: db.find('host', host)?.fields.multipathing ?? false,
  };
}

/** Attaches the SR of a PBD on its host; the first host of an SR also looks what is in it. Nothing to do when attached. */
export async function plugPbd(api: Api, task: TaskHandle, pbd: Ref<'PBD'>): Promise<void> {
  const { db } = api;
  const { SR: sr, host } = db.get('PBD', pbd);
  let first = false;
  await api.operations.run(task, [target('SR', sr, 'plug')], async () => {
    const { currently_attached, device_config } = db.get('PBD', pbd);
    if (currently_attached) return;
    const { storage } = api.hosts.get(existingHost(api, host));
    assertSharable(api, sr, host);
    await storage.attach(srSpec(api, sr, host, device_config));
    first = !pbdsOf(db, sr).some(([, other]) => other.currently_attached);
    db.set('PBD', pbd, { currently_attached: true });
  });
  if (first) await scanSr(api, task, sr);
}

/** Detaches the SR of a PBD from its host. Refused while a VM there uses a disk of it. Nothing to do when detached. */
export async function unplugPbd(api: Api, task: TaskHandle, pbd: Ref<'PBD'>): Promise<void> {
  const { db } = api;
  const { SR: sr, host } = db.get('PBD', pbd);
  assertDisksIdle(api, sr, host);
  await api.operations.run(task, [target('SR', sr, 'unplug')], async () => {
    if (!db.get('PBD', pbd).currently_attached) return;
    assertNoStatefile(api, sr);
    const used = disksInUse(api, sr, host);
    if (used.length) throw new ApiError('VDI_IN_USE', ...used);
    await api.hosts.get(existingHost(api, host)).storage.detach(db.get('SR', sr).uuid);
    db.set('PBD', pbd, { currently_attached: false });
  });
}

function existingHost({ db }: Api, host: Ref<'host'>): Ref<'host'> {
  db.get('host', host);
  return host;
}

/** An SR that is not shared may be attached on one host only. */
function assertSharable({ db }: Api, sr: Ref<'SR'>, host: Ref<'host'>): void {
  if (db.get('SR', sr).shared) return;
  const other = pbdsOf(db, sr).find(([, pbd]) => pbd.currently_attached && pbd.host !== host);
  if (other) throw new ApiError('SR_NOT_SHARABLE', sr, other[1].host);
}

/** What goes on with disks of the SR goes on at one host; detaching that one has to wait. */
function assertDisksIdle({ db }: Api, sr: Ref<'SR'>, host: Ref<'host'>): void {
  if (host !== poolOf(db)?.master) return;
  for (const vdi of db.get('SR', sr).VDIs)
    for (const [task, operation] of db.find('VDI', vdi)?.fields.current_operations ?? [])
      throw inProgress('VDI', vdi, operation, task);
}

/** High availability needs its vote disk everywhere. */
function assertNoStatefile({ db }: Api, sr: Ref<'SR'>): void {
  const pool = poolOf(db);
  if (!pool?.ha_enabled) return;
  if (pool.ha_statefiles.some((vdi) => db.find('VDI', vdi)?.fields.SR === sr)) throw new ApiError('HA_IS_ENABLED');
}

/** Disks of an SR that VMs of a host have attached. */
function disksInUse({ db }: Api, sr: Ref<'SR'>, host: Ref<'host'>): Ref<'VDI'>[] {
  const used: Ref<'VDI'>[] = [];
  for (const vm of db.get('host', host).resident_VMs) {
    for (const ref of db.find('VM', vm)?.fields.VBDs ?? []) {
      const vbd = db.find('VBD', ref)?.fields;
      if (!vbd || vbd.empty || !(vbd.currently_attached || vbd.reserved)) continue;
      const vdi = db.find('VDI', vbd.VDI)?.fields;
      if (vdi?.SR === sr && vdi.type !== 'metadata') used.push(vbd.VDI);
    }
  }
  return used;
}
