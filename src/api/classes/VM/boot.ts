import { ApiError } from '../../../model/error.js';
import { floatText } from '../../../wire/float-text.js';
import { badPowerState } from '../../operations/rules/VM/refusal.js';
import { requiredHardware } from './create.js';
import { addEntry, removeEntry, setEntries } from './map-entries.js';
import { memoryOverhead } from './memory-overhead.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';
import { secureBootReadiness } from './secure-boot.js';

/** Any text here means full virtualisation to old clients; this is what the original writes. */
const FULL_VIRTUALISATION = 'BIOS order';

/** Where the variables of a UEFI guest are in NVRAM. */
const EFI_VARIABLES = 'EFI-variables';

/** How a VM boots, and what its virtual hardware is. */
export const boot: VmMessages = {
  set_domain_type: ({ api }, self, value) => {
    if (value === 'unspecified') throw new ApiError('INVALID_VALUE', 'domain_type', value);
    const { db } = api;
    const policy = value === 'hvm' ? FULL_VIRTUALISATION : '';
    const vm = { ...db.get('VM', self), domain_type: value };
    db.set('VM', self, { domain_type: value, HVM_boot_policy: policy, memory_overhead: memoryOverhead(vm) });
  },
  set_HVM_boot_policy: ({ api }, self, value) => {
    const { db } = api;
    const type = value === '' ? 'pv' : 'hvm';
    const vm = { ...db.get('VM', self), domain_type: type } as const;
    db.set('VM', self, { domain_type: type, HVM_boot_policy: value, memory_overhead: memoryOverhead(vm) });
  },
  set_HVM_shadow_multiplier: (call, self, value) =>
    withOperation(call, self, 'changing_shadow_memory', (vm) => {
      if (!(value >= 1)) throw new ApiError('INVALID_VALUE', 'multiplier', shown(value));
      const overhead = memoryOverhead({ ...vm, HVM_shadow_multiplier: value });
      call.api.db.set('VM', self, { HVM_shadow_multiplier: value, memory_overhead: overhead });
    }),
  set_has_vendor_device: ({ api }, self, value) => {
    const vm = api.db.get('VM', self);
    if (vm.power_state !== 'Halted') throw badPowerState(self, ['Halted'], vm.power_state);
    const hardware = requiredHardware({ ...vm, has_vendor_device: value });
    api.db.set('VM', self, { has_vendor_device: value, hardware_platform_version: hardware });
  },
  set_NVRAM: (call, self, value) =>
    withOperation(call, self, 'changing_NVRAM', () => setEntries(call.api.db, self, 'NVRAM', value)),
  add_to_NVRAM: (call, self, key, value) =>
    withOperation(call, self, 'changing_NVRAM', () => addEntry(call.api.db, self, 'NVRAM', key, value)),
  remove_from_NVRAM: (call, self, key) =>
    withOperation(call, self, 'changing_NVRAM', () => removeEntry(call.api.db, self, 'NVRAM', key)),
  set_NVRAM_EFI_variables: ({ api }, self, value, update) => {
    const { NVRAM: nvram } = api.db.get('VM', self);
    api.db.set('VM', self, {
      NVRAM: new Map([...nvram, [EFI_VARIABLES, value]]),
      ...(update === 'yes' && { secureboot_certificates_state: 'ok' as const }),
    });
  },
  get_secureboot_readiness: ({ api }, self) => secureBootReadiness(api.db.get('VM', self)),
  update_secureboot_certificates_on_boot: ({ api }, self, mark) => {
    const { secureboot_certificates_state: state } = api.db.get('VM', self);
    if (state === 'ok') throw new ApiError('OPERATION_NOT_ALLOWED', 'there are no newer certificates for the VM');
    api.db.set('VM', self, { secureboot_certificates_state: mark ? 'update_on_boot' : 'update_available' });
  },
  get_boot_record: (call, self) => withOperation(call, self, 'get_boot_record', () => call.api.db.record('VM', self)),
};

/** A number as errors of the original show it: whole ones end in a point. */
function shown(value: number): string {
  const text = Number.isFinite(value) ? floatText(value, 12) : String(value).toLowerCase().replace('infinity', 'inf');
  return /^-?\d+$/.test(text) ? `${text}.` : text;
}
