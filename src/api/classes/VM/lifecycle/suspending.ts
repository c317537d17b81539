import { ApiError } from '../../../../model/error.js';
import { isNullRef, type Ref } from '../../../../model/ref.js';
import { attachNetworksForVm } from '../../../network/attach.js';
import { assertCpuCompatible } from '../../../placement/cpu-features.js';
import { seesSr } from '../../../placement/visibility.js';
import { createVdi, volumeAddress } from '../../../storage/volumes.js';
import { markHalted, markSuspended } from '../../../world/domain-records.js';
import { domainState } from '../../../world/domain-states.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { hostText, tellOf } from './alerts.js';
import { runningSpec } from './domain-spec.js';
import { hostOf, onHost, readState, resync } from './on-host.js';
import { type Work, withDevices, withPlace } from './placed.js';
import { assertPlace, placeFor } from './starting.js';
import { discard } from './stopping.js';

/** What storage drivers say when there is no room. */
const STORAGE_IS_FULL = 'SR_BACKEND_FAILURE_44';

/** Saving the memory of VMs and going on from it. */
export const suspending: VmMessages = {
  suspend: async (call, vm) => {
    await withOperation(call, vm, 'suspend', () => suspend(call, vm));
    tellOf(call.api, 'VM_SUSPENDED', vm, 'suspended');
  },
  resume: (call, vm, paused, force) => resumeVm(call, vm, { paused, force }),
  resume_on: (call, vm, host, paused, force) => resumeVm(call, vm, { paused, force, on: host }),
};

async function suspend(work: Work, vm: Ref<'VM'>): Promise<void> {
  const { api, task } = work;
  const { uuid } = api.db.get('VM', vm);
  const [host, physical] = hostOf(api, vm);
  api.db.set('VM', vm, { ha_always_run: false });
  const image = await createImage(work, vm, host, physical.compute.memoryImageSize(runningSpec(api, vm)));
  try {
    api.db.set('VM', vm, { suspend_VDI: image });
    await onHost(work, () => physical.compute.suspend(uuid, volumeAddress(api, image), task));
  } catch (thrown) {
    await afterFailedSuspend(work, vm, host);
    await discard(work, image);
    throw thrown;
  }
  markSuspended(api, vm, image);
}

/** Memory that was not saved to the end is worth nothing: a VM that stands still because of it is off. */
async function afterFailedSuspend({ api }: Work, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  const { uuid } = api.db.get('VM', vm);
  const state = await domainState(api.hosts.get(host), uuid).catch(() => undefined);
  if (state?.power === 'Suspended') {
    await api.hosts.get(host).compute.hardShutdown(uuid);
    markHalted(api, vm);
  } else await resync(api, vm, host);
}

/** Makes the VDI for the memory of a VM. Throws VM_NO_SUSPEND_SR and SR_SUSPEND_SPACE_INSUFFICIENT. */
export async function createImage(work: Work, vm: Ref<'VM'>, host: Ref<'host'>, size: number): Promise<Ref<'VDI'>> {
  const sr = suspendSr(work, vm, host);
  try {
    return await createVdi(work, {
      sr,
      virtualSize: size,
      name: 'Suspend image',
      description: 'Suspend image',
      type: 'suspend',
      smConfig: new Map([['vmhint', work.api.db.get('VM', vm).uuid]]),
    });
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === STORAGE_IS_FULL) throw new ApiError('SR_SUSPEND_SPACE_INSUFFICIENT', sr);
    throw thrown;
  }
}

/** Where the memory of a VM goes: to the SR that it names itself, else the pool's, else the host's. Throws VM_NO_SUSPEND_SR. */
export function suspendSr({ api }: Pick<Work, 'api'>, vm: Ref<'VM'>, host: Ref<'host'>): Ref<'SR'> {
  const { db, pool } = api;
  const choices = [db.get('VM', vm).suspend_SR, db.get('pool', pool).suspend_image_SR, db.get('host', host).suspend_image_sr];
  const sr = choices.find((choice) => !isNullRef(choice) && seesSr(db, choice, host));
  if (sr === undefined) throw new ApiError('VM_NO_SUSPEND_SR', vm);
  return sr;
}

interface Manner {
  readonly paused: boolean;
  readonly force: boolean;
  readonly on?: Ref<'host'>;
}

async function resumeVm(work: Work, vm: Ref<'VM'>, { paused, force, on }: Manner): Promise<void> {
  const { api } = work;
  const host = await withOperation(work, vm, on === undefined ? 'resume' : 'resume_on', () =>
    withDevices(work, vm, 'disks', () => {
      const choose = () => (on === undefined ? placeFor(work, vm) : assertPlace(work, vm, on));
      return withPlace(work, vm, 'vm_resume', choose, async (place) => {
        await resumeOn(work, vm, place, paused, force);
        return place;
      });
    }),
  );
  tellOf(api, 'VM_RESUMED', vm, `resumed on host: ${hostText(api, host)}`);
}

async function resumeOn(work: Work, vm: Ref<'VM'>, host: Ref<'host'>, paused: boolean, force: boolean): Promise<void> {
  const { api, task } = work;
  const { db } = api;
  if (!force) assertCpuCompatible(db, vm, host);
  const { suspend_VDI: image, ha_restart_priority: priority } = db.get('VM', vm);
  if (isNullRef(image) || !db.exists('VDI', image)) {
    markHalted(api, vm);
    throw new ApiError('VM_HAS_NO_SUSPEND_VDI', vm);
  }
  const { compute } = api.hosts.get(host);
  await attachNetworksForVm(api, vm, host);
  await onHost(work, () => compute.resume(runningSpec(api, vm), volumeAddress(api, image), paused, task));
  if (priority === 'restart') db.set('VM', vm, { ha_always_run: true });
  await readState(api, vm, host);
  await discard(work, image);
}
