import { ApiError } from '../../../../model/error.js';
import { isNullRef, type Ref } from '../../../../model/ref.js';
import { attachNetworksForVm } from '../../../network/attach.js';
import { assertCanBootHere, assertControlDomainAtHome } from '../../../placement/can-boot-here.js';
import { chooseHost } from '../../../placement/choose-host.js';
import { attachSpecialDevices } from '../../../placement/special-devices.js';
import { resetDisksAtBoot } from '../../../storage/reset-on-boot.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { hostText, tellOf } from './alerts.js';
import { bootSpec } from './domain-spec.js';
import { onHost, readState } from './on-host.js';
import { secondsPass } from './pause-between.js';
import { type Work, withDevices, withPlace } from './placed.js';
import { prepareToStart } from './preparation.js';

interface Manner {
  readonly paused: boolean;
  readonly force: boolean;
  /** The host that the caller names; without one the pool chooses. */
  readonly on?: Ref<'host'>;
}

/** Turning VMs on. */
export const starting: VmMessages = {
  start: (call, vm, paused, force) => startVm(call, vm, { paused, force }),
  start_on: async (call, vm, host, paused, force) => {
    const { db } = call.api;
    assertControlDomainAtHome(call.api, vm, host);
    for (const operation of db.get('host', host).current_operations.values())
      if (operation === 'evacuate') throw new ApiError('HOST_EVACUATE_IN_PROGRESS', host);
    await startVm(call, vm, { paused, force, on: host });
  },
};

/** Starts a halted VM as VM.start and VM.start_on do. */
export async function startVm(work: Work, vm: Ref<'VM'>, manner: Manner): Promise<void> {
  const host = await withOperation(work, vm, manner.on === undefined ? 'start' : 'start_on', () =>
    withDevices(work, vm, 'all', () => startPlaced(work, vm, manner)),
  );
  tellOf(work.api, 'VM_STARTED', vm, `started on host: ${hostText(work.api, host)}`);
}

/** Starts a VM whose operation and devices are held already; resolves with the host. */
export function startPlaced(work: Work, vm: Ref<'VM'>, { paused, force, on }: Manner): Promise<Ref<'host'>> {
  const { api, task } = work;
  prepareToStart(api, vm, force);
  const choose = () => (on === undefined ? placeFor(work, vm) : assertPlace(work, vm, on));
  return withPlace(work, vm, 'vm_start', choose, async (host) => {
    const { compute } = api.hosts.get(host);
    await resetDisksAtBoot(api, vm);
    await attachNetworksForVm(api, vm, host);
    await onHost(work, () => compute.start(bootSpec(api, vm), paused, task));
    await readState(api, vm, host);
    attachSpecialDevices(api.db, vm, host);
    await secondsPass(api.db.get('VM', vm).start_delay, task.signal);
    return host;
  });
}

/** Where a VM goes that is to start or resume anywhere: where it was promised a place, else where the pool thinks best. */
export function placeFor({ api }: Work, vm: Ref<'VM'>): Ref<'host'> {
  const { scheduled_to_be_resident_on: promised } = api.db.get('VM', vm);
  return isNullRef(promised) ? chooseHost(api, vm) : promised;
}

/** The host that a client named, if the VM can run there. */
export function assertPlace({ api }: Work, vm: Ref<'VM'>, host: Ref<'host'>): Ref<'host'> {
  assertCanBootHere(api, vm, host, { cpu: false });
  return host;
}
