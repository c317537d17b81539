import type { Command, CommandContext } from '../../command.js';
import { onUuid, printUuid, refOf, refOrNull } from '../support.js';
import { assertForced } from '../vm/power.js';

/** Trusted platform modules, virtual GPUs and USB devices of VMs. */
export const otherDeviceCommands: readonly Command[] = [
  {
    name: 'vtpm-create',
    required: ['vm-uuid'],
    optional: ['is-unique'],
    description: 'Gives a VM a trusted platform module and prints its uuid; is-unique=true keeps it out of copies of the VM.',
    async run(context) {
      const { api, parameters } = context;
      const unique = parameters.boolean('is-unique', parameters.boolean('is_unique'));
      printUuid(context, 'VTPM', await api.call('VTPM', 'create', refOf(context, 'VM', 'vm-uuid'), unique));
    },
  },
  {
    name: 'vtpm-destroy',
    required: ['uuid'],
    optional: ['force'],
    description: 'Takes the trusted platform module away from a VM, with the keys in it: disks that it locks stay locked.',
    async run(context) {
      assertForced(context);
      await context.api.call('VTPM', 'destroy', refOf(context, 'VTPM', 'uuid'));
    },
  },
  {
    name: 'vgpu-create',
    required: ['vm-uuid', 'gpu-group-uuid'],
    optional: ['vgpu-type-uuid', 'device'],
    description: 'Gives a VM a virtual GPU from a group and prints its uuid. Without vgpu-type-uuid it is a whole GPU.',
    run: createVgpu,
  },
  {
    name: 'vgpu-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a virtual GPU away from a VM.',
    run: onUuid('VGPU', 'destroy'),
  },
  {
    name: 'vusb-create',
    required: ['usb-group-uuid', 'vm-uuid'],
    optional: [],
    description: 'Gives a VM a USB device of a group and prints the uuid of the connection.',
    async run(context) {
      const group = refOf(context, 'USB_group', 'usb-group-uuid');
      const vm = refOf(context, 'VM', 'vm-uuid');
      printUuid(context, 'VUSB', await context.api.call('VUSB', 'create', vm, group, new Map()));
    },
  },
  {
    name: 'vusb-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a USB device away from a VM.',
    run: onUuid('VUSB', 'destroy'),
  },
  {
    name: 'vusb-unplug',
    required: ['uuid'],
    optional: [],
    description: 'Unplugs a USB device from its running VM.',
    run: onUuid('VUSB', 'unplug'),
  },
];

async function createVgpu(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const vm = refOf(context, 'VM', 'vm-uuid');
  const group = refOf(context, 'GPU_group', 'gpu-group-uuid');
  const type = refOrNull(context, 'VGPU_type', 'vgpu-type-uuid');
  printUuid(context, 'VGPU', await api.call('VGPU', 'create', vm, group, parameters.text('device', '0'), new Map(), type));
}
