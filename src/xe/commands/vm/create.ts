import { ApiError } from '../../../model/error.js';
import { NULL_REF } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { printUuid, refOf } from '../support.js';

const MIB = 2 ** 20;

/** VMs without a template, and their end without their disks. */
export const createCommands: readonly Command[] = [
  {
    name: 'vm-create',
    required: ['name-label'],
    optional: ['name-description'],
    flags: ['hidden'],
    description: 'Makes a bare VM without devices and prints its uuid.',
    run: createVm,
  },
  {
    name: 'vm-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a VM, template or snapshot. Its disks stay.',
    async run(context) {
      const vm = refOf(context, 'VM', 'uuid');
      if (context.api.get('VM', vm, 'is_control_domain'))
        throw new ApiError('OPERATION_NOT_ALLOWED', 'The control domain of a host is not removed from here');
      await context.api.destroy('VM', vm);
    },
  },
];

async function createVm(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const vm = await api.create('VM', {
    name_label: parameters.required('name-label'),
    name_description: parameters.text('name-description', ''),
    user_version: 0,
    is_a_template: false,
    memory_static_max: 256 * MIB,
    memory_dynamic_max: 256 * MIB,
    memory_dynamic_min: 128 * MIB,
    memory_static_min: 128 * MIB,
    VCPUs_params: new Map(),
    VCPUs_max: 1,
    VCPUs_at_startup: 1,
    actions_after_shutdown: 'destroy',
    actions_after_reboot: 'restart',
    actions_after_crash: 'destroy',
    actions_after_softreboot: 'soft_reboot',
    affinity: NULL_REF,
    PV_bootloader: '',
    PV_kernel: '',
    PV_ramdisk: '',
    PV_args: '',
    PV_bootloader_args: '',
    PV_legacy_args: '',
    HVM_boot_policy: '',
    HVM_boot_params: new Map(),
    platform: new Map(),
    PCI_bus: '',
    other_config: new Map(),
    recommendations: '',
    has_vendor_device: false,
  });
  printUuid(context, 'VM', vm);
}
