import { ApiError } from '../../../../model/error.js';
import { isNullRef, type Ref } from '../../../../model/ref.js';
import { isLive } from '../../../reach.js';
import { destroyVdi } from '../../../storage/volumes.js';
import { markHalted } from '../../../world/domain-records.js';
import { domainState, listDomains } from '../../../world/domain-states.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { tellOf } from './alerts.js';
import { cancelOthers } from './cancel-others.js';
import { hostOf, onHost, resync } from './on-host.js';
import { secondsPass } from './pause-between.js';
import type { Work } from './placed.js';

/** Seconds that a guest has to shut down when nobody says otherwise. */
const GUEST_HAS_SECONDS = 1200;

/** Turning VMs off. */
export const stopping: VmMessages = {
  clean_shutdown: async (call, vm) => {
    await withOperation(call, vm, 'clean_shutdown', () => shutDownCleanly(call, vm, GUEST_HAS_SECONDS));
    tellOf(call.api, 'VM_SHUTDOWN', vm, 'shutdown');
  },
  shutdown: async (call, vm) => {
    await withOperation(call, vm, 'shutdown', ({ power_state, shutdown_delay }) =>
      power_state === 'Running' ? shutDownSomehow(call, vm, shutdown_delay || GUEST_HAS_SECONDS) : turnOff(call, vm),
    );
    tellOf(call.api, 'VM_SHUTDOWN', vm, 'shutdown');
  },
  hard_shutdown: async (call, vm) => {
    await withOperation(call, vm, 'hard_shutdown', async () => {
      await cancelOthers(call, vm, [
        'clean_shutdown',
        'clean_reboot',
        'hard_reboot',
        'pool_migrate',
        'call_plugin',
        'shutdown',
        'suspend',
      ]);
      await turnOff(call, vm);
    });
    tellOf(call.api, 'VM_SHUTDOWN', vm, 'shutdown forcibly');
  },
  power_state_reset: async (call, vm) => {
    await assertLost(call, vm);
    markHalted(call.api, vm);
  },
};

/** Asks the guest and waits. Rejects with VM_SHUTDOWN_TIMEOUT when it has not shut down after the seconds. */
async function shutDownCleanly(work: Work, vm: Ref<'VM'>, seconds: number): Promise<void> {
  const { api, task } = work;
  const { uuid, shutdown_delay: delay } = api.db.get('VM', vm);
  const [host, { compute }] = hostOf(api, vm);
  api.db.set('VM', vm, { ha_always_run: false });
  const late = new AbortController();
  const timeout = new ApiError('VM_SHUTDOWN_TIMEOUT', vm, String(seconds));
  const timer = setTimeout(() => late.abort(timeout), seconds * 1000);
  const watch = { progress: (share: number) => task.progress(share), signal: AbortSignal.any([task.signal, late.signal]) };
  try {
    await onHost(work, () => compute.cleanShutdown(uuid, watch));
  } catch (thrown) {
    await resync(api, vm, host);
    throw late.signal.aborted ? timeout : thrown;
  } finally {
    clearTimeout(timer);
  }
  markHalted(api, vm);
  await secondsPass(delay, task.signal);
}

async function shutDownSomehow(work: Work, vm: Ref<'VM'>, seconds: number): Promise<void> {
  try {
    await shutDownCleanly(work, vm, seconds);
  } catch (thrown) {
    work.task.check();
    work.api.log.info({ err: thrown, vm }, 'the guest did not shut down; turning it off');
    await turnOff(work, vm);
  }
}

/** Ends whatever there is of a VM: its domain, or its saved memory. A halted one stays halted. */
export async function turnOff(work: Work, vm: Ref<'VM'>): Promise<void> {
  const { api, task } = work;
  const { db } = api;
  const { power_state: power, uuid, suspend_VDI: image, shutdown_delay: delay } = db.get('VM', vm);
  db.set('VM', vm, { ha_always_run: false });
  if (power === 'Halted') return;
  if (power === 'Suspended') {
    await dropMemory(work, uuid);
    // Halted on disk before the memory goes: else a daemon that dies here would leave a VM suspended without it.
    markHalted(api, vm);
    await db.durable();
    await discard(work, image);
    return;
  }
  const [, { compute }] = hostOf(api, vm);
  await onHost(work, () => compute.hardShutdown(uuid));
  markHalted(api, vm);
  await secondsPass(delay, task.signal);
}

/** Destroys a memory image that nobody needs any more. Failing that, the VM is off all the same and the VDI stays. */
export async function discard(work: Work, image: Ref<'VDI'>): Promise<void> {
  if (isNullRef(image) || !work.api.db.exists('VDI', image)) return;
  try {
    await destroyVdi(work, image);
  } catch (thrown) {
    work.api.log.warn({ err: thrown, vdi: image }, 'the memory image of a VM could not be destroyed');
  }
}

/** Lets the host that has a VM suspended drop its memory; what it knows of the VM otherwise stays. */
async function dropMemory({ api }: Work, uuid: string): Promise<void> {
  for (const [host, physical] of [...api.hosts.entries()]) {
    try {
      const state = (await listDomains(physical)).find((domain) => domain.uuid === uuid);
      if (state?.power === 'Suspended') await physical.compute.hardShutdown(uuid);
    } catch (thrown) {
      api.log.debug({ err: thrown, host }, 'the host keeps what it has of the VM');
    }
  }
}

/**
 * A reset is for VMs whose host is lost. Throws CANNOT_RESET_CONTROL_DOMAIN, DOMAIN_EXISTS for a VM that does run on this
 * host, HOST_IS_LIVE when another one answers for it.
 */
async function assertLost({ api }: Work, vm: Ref<'VM'>): Promise<void> {
  const { is_control_domain: control, power_state: power, resident_on: host, uuid } = api.db.get('VM', vm);
  if (control) throw new ApiError('CANNOT_RESET_CONTROL_DOMAIN', vm);
  if (power !== 'Running' && power !== 'Paused') return;
  if (host !== api.localHost) {
    if (isLive(api.db, host)) throw new ApiError('HOST_IS_LIVE', host);
    return;
  }
  const state = await domainState(api.hosts.get(host), uuid).catch(() => undefined);
  if (state?.power === 'Running' || state?.power === 'Paused') throw new ApiError('DOMAIN_EXISTS', vm, String(state.domid));
}
