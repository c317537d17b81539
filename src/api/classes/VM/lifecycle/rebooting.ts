import type { Ref } from '../../../../model/ref.js';
import { badPowerState } from '../../../operations/rules/VM/refusal.js';
import { hasDisksToReset, resetDisksAtBoot } from '../../../storage/reset-on-boot.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { tellOf } from './alerts.js';
import { cancelOthers } from './cancel-others.js';
import { bootSpec } from './domain-spec.js';
import { hostOf, onHost, readState, resync } from './on-host.js';
import { type Work, withDevices } from './placed.js';
import { startPlaced } from './starting.js';

/** Rebooting VMs, in place: memory is not chosen anew, so no other host can be needed. */
export const rebooting: VmMessages = {
  clean_reboot: async (call, vm) => {
    await withOperation(call, vm, 'clean_reboot', () => withDevices(call, vm, 'all', () => reboot(call, vm, 'clean')));
    tellOf(call.api, 'VM_REBOOTED', vm, 'rebooted cleanly');
  },
  hard_reboot: async (call, vm) => {
    await withOperation(call, vm, 'hard_reboot', async () => {
      await cancelOthers(call, vm, ['clean_shutdown', 'clean_reboot', 'pool_migrate', 'call_plugin', 'suspend']);
      await withDevices(call, vm, 'all', () => rebootFromWhatIsLeft(call, vm));
    });
    tellOf(call.api, 'VM_REBOOTED', vm, 'rebooted forcibly');
  },
  // What a host asks for when a guest of its reboots: the VM counts as running all the time.
  hard_reboot_internal: (call, vm) => withDevices(call, vm, 'all', () => reboot(call, vm, 'hard')),
};

async function reboot(work: Work, vm: Ref<'VM'>, manner: 'clean' | 'hard'): Promise<void> {
  const { api, task } = work;
  const [host, { compute }] = hostOf(api, vm);
  const spec = bootSpec(api, vm);
  const { uuid } = spec;
  try {
    await onHost(work, async () => {
      if (!hasDisksToReset(api, vm)) return manner === 'clean' ? compute.cleanReboot(spec, task) : compute.hardReboot(spec, task);
      // Disks go back to where they were only while nobody has them open.
      await (manner === 'clean' ? compute.cleanShutdown(uuid, task) : compute.hardShutdown(uuid));
      await resetDisksAtBoot(api, vm);
      return compute.start(bootSpec(api, vm), false, task);
    });
  } catch (thrown) {
    await resync(api, vm, host);
    throw thrown;
  }
  await readState(api, vm, host);
}

/** What was cancelled for the reboot may have got so far that the VM runs no longer. */
async function rebootFromWhatIsLeft(work: Work, vm: Ref<'VM'>): Promise<void> {
  const { power_state: power } = work.api.db.get('VM', vm);
  if (power === 'Suspended') throw badPowerState(vm, ['Running'], power);
  if (power === 'Halted') await startPlaced(work, vm, { paused: false, force: false });
  else await reboot(work, vm, 'hard');
}
