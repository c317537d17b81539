import { v5 } from 'uuid';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { attachNetworksForVm } from '../network/attach.js';
import { hostForSr } from '../storage/placement.js';
import { recordVolume } from '../storage/vdi-record.js';
import { markPaused, markRunning, markSuspended } from '../world/domain-records.js';
import { domainSpec } from '../world/domain-spec.js';
import { domainState, followDomains, lastState } from '../world/domain-states.js';
import type { WantedState } from './create-pool.js';

/** VMs that are started at a time: hosts work on several at once, and thousands of pending starts are of no use. */
const AT_A_TIME = 64;

const unwatched = { progress: () => undefined, signal: new AbortController().signal };

/**
 * Brings the VMs of a new pool into the states that its plan wants; those that an earlier process has brought there stay. What
 * a host refuses is logged, and that VM stays halted: a pool with a VM less is better than none. Called when the records
 * say which domains there are.
 */
export async function bringUp(api: Api, wanted: readonly WantedState[]): Promise<void> {
  for (const [, host] of api.hosts.entries()) followDomains(host);
  const queue = wanted.filter(({ power }) => power !== 'Halted');
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      try {
        await start(api, next);
      } catch (thrown) {
        api.log.warn({ err: thrown, vm: api.db.find('VM', next.vm)?.fields.uuid }, 'a VM of the plan stays halted');
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, queue.length) }, worker));
}

async function start(api: Api, { vm, host, power }: WantedState): Promise<void> {
  const { power_state, uuid } = api.db.get('VM', vm);
  if (power_state === power) return;
  const physical = api.hosts.get(host);
  // Of a domain that was suspended just before its record was written, the record still says that it is halted.
  const isSuspended = lastState(physical, uuid)?.power === 'Suspended';
  if (power_state === 'Halted' && !isSuspended) {
    await attachNetworksForVm(api, vm, host);
    await physical.compute.start(domainSpec(api.db, vm), power === 'Paused', unwatched);
    const domain = await domainState(physical, uuid);
    if (power === 'Paused') markPaused(api, vm, host, domain);
    else markRunning(api, vm, host, domain);
  }
  if (power === 'Suspended') await suspend(api, vm, host, isSuspended);
}

async function suspend(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, isSuspended: boolean): Promise<void> {
  const { db } = api;
  const physical = api.hosts.get(host);
  const image = await suspendImage(api, vm, host);
  const { location, SR } = db.get('VDI', image);
  const volume = { sr: db.get('SR', SR).uuid, location };
  if (!isSuspended) await physical.compute.suspend(db.get('VM', vm).uuid, volume, unwatched);
  markSuspended(api, vm, image);
}

/** The VDI for the memory of a VM: the same one when an earlier process has made it already. */
async function suspendImage(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): Promise<Ref<'VDI'>> {
  const { db } = api;
  const spec = domainSpec(db, vm);
  const uuid = v5('suspend image', spec.uuid);
  const made = db.table('VDI').refsByUuid.get(uuid) as Ref<'VDI'> | undefined;
  if (made) {
    db.set('VDI', made, { type: 'suspend' });
    return made;
  }
  const sr = [db.get('pool', api.pool).suspend_image_SR, db.get('host', host).suspend_image_sr].find((ref) => !isNullRef(ref));
  if (!sr) throw new Error('there is no SR for memory images');
  const volume = await api.hosts.get(hostForSr(api, sr)).storage.createVolume(db.get('SR', sr).uuid, {
    uuid,
    virtualSize: api.hosts.get(host).compute.memoryImageSize(spec),
    name: 'Suspend image',
    description: `Memory of ${spec.name}`,
    smConfig: new Map(),
  });
  return recordVolume(db, sr, volume, { type: 'suspend' });
}
