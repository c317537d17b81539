import type { Ref } from '../../../../model/ref.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { tellOf } from './alerts.js';
import { hostOf, onHost, readState } from './on-host.js';
import type { Work } from './placed.js';

/** Letting VMs stand still and go on. */
export const pausing: VmMessages = {
  pause: async (call, vm) => {
    await withOperation(call, vm, 'pause', () => change(call, vm, 'pause'));
    tellOf(call.api, 'VM_PAUSED', vm, 'paused');
  },
  unpause: async (call, vm) => {
    await withOperation(call, vm, 'unpause', () => change(call, vm, 'unpause'));
    tellOf(call.api, 'VM_UNPAUSED', vm, 'unpaused');
  },
};

async function change(work: Work, vm: Ref<'VM'>, what: 'pause' | 'unpause'): Promise<void> {
  const { uuid } = work.api.db.get('VM', vm);
  const [host, { compute }] = hostOf(work.api, vm);
  await onHost(work, () => compute[what](uuid));
  await readState(work.api, vm, host);
}
