import { v4 } from 'uuid';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { attachNetworksForVm } from '../network/attach.js';
import { hostForSr } from '../storage/placement.js';
import { recordVolume } from '../storage/vdi-record.js';
import { markPaused, markRunning, markSuspended } from '../world/domain-records.js';
import { domainSpec } from '../world/domain-spec.js';
import { domainState, followDomains } from '../world/domain-states.js';
import type { WantedState } from './create-pool.js';

/** VMs that are started at a time: hosts work on several at once, and thousands of pending starts are of no use. */
const AT_A_TIME = 64;

const unwatched = { progress: () => undefined, signal: new AbortController().signal };

/**
 * Brings the VMs of a new pool into the states that its plan wants. What a host refuses is logged, and that VM stays
 * halted: a pool with a VM less is better than none.
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
  const physical = api.hosts.get(host);
  const spec = domainSpec(api.db, vm);
  await attachNetworksForVm(api, vm, host);
  await physical.compute.start(spec, power === 'Paused', unwatched);
  const domain = await domainState(physical, spec.uuid);
  if (power === 'Paused') markPaused(api, vm, host, domain);
  else markRunning(api, vm, host, domain);
  if (power === 'Suspended') await suspend(api, vm, host);
}

async function suspend(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  const { db } = api;
  const physical = api.hosts.get(host);
  const spec = domainSpec(db, vm);
  const sr = [db.get('pool', api.pool).suspend_image_SR, db.get('host', host).suspend_image_sr].find((ref) => !isNullRef(ref));
  if (!sr) throw new Error('there is no SR for memory images');
  const { storage } = api.hosts.get(hostForSr(api, sr));
  const { uuid } = db.get('SR', sr);
  const volume = await storage.createVolume(uuid, {
    uuid: v4(),
    virtualSize: physical.compute.memoryImageSize(spec),
    name: 'Suspend image',
    description: `Memory of ${spec.name}`,
    smConfig: new Map(),
  });
  try {
    await physical.compute.suspend(spec.uuid, { sr: uuid, location: volume.location }, unwatched);
  } catch (thrown) {
    await storage.destroyVolume({ sr: uuid, location: volume.location });
    throw thrown;
  }
  db.transaction(() => markSuspended(api, vm, recordVolume(db, sr, volume, { type: 'suspend' })));
}
