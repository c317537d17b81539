import { ApiError } from '../../../model/error.js';
import { isDomainZero } from '../../operations/rules/VM/refusal.js';
import { memoryOverhead } from './memory-overhead.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';

const RULE = 'virtual CPUs: 1 <= VCPUs_at_startup <= VCPUs_max';

/** Virtual CPUs of a VM. */
export const vcpus: VmMessages = {
  set_VCPUs_max: (call, self, value) =>
    withOperation(call, self, 'changing_VCPUs', (vm) => {
      if (value < 1 || value < vm.VCPUs_at_startup) throw new ApiError('INVALID_VALUE', RULE, String(value));
      call.api.db.set('VM', self, {
        VCPUs_max: value,
        memory_overhead: memoryOverhead({ ...vm, VCPUs_max: value }),
        ...(vm.power_state === 'Running' && { requires_reboot: true }),
      });
    }),
  set_VCPUs_at_startup: ({ api }, self, value) => {
    const vm = api.db.get('VM', self);
    if (isDomainZero(api.db, self, vm))
      throw new ApiError('OPERATION_NOT_ALLOWED', 'the CPUs of the control domain are set on the host itself');
    if (value < 1 || value > vm.VCPUs_max) throw new ApiError('INVALID_VALUE', RULE, String(value));
    api.db.set('VM', self, { VCPUs_at_startup: value });
  },
  set_VCPUs_number_live: (call, self, count) =>
    withOperation(call, self, 'changing_VCPUs_live', async (vm) => {
      const { db, hosts } = call.api;
      if (count < 1 || count > vm.VCPUs_max)
        throw new ApiError('INVALID_VALUE', 'virtual CPUs: 1 <= number <= VCPUs_max', String(count));
      await hosts.get(vm.resident_on).compute.setVcpus(vm.uuid, count);
      db.transaction(() => {
        db.set('VM', self, { VCPUs_at_startup: count });
        if (db.exists('VM_metrics', vm.metrics)) db.set('VM_metrics', vm.metrics, { VCPUs_number: count });
      });
    }),
};
