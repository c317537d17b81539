import type { Command, CommandContext } from '../../command.js';
import { refOf } from '../support.js';

/** Devices in the slots of hosts, and those on their USB ports. */
export const pciCommands: readonly Command[] = [
  {
    name: 'pci-enable-dom0-access',
    required: ['uuid'],
    optional: [],
    description: 'Lets the host itself use a device, from its next start on if need be, and prints how that stands.',
    run: (context) => dom0Access(context, 'enable_dom0_access'),
  },
  {
    name: 'pci-disable-dom0-access',
    required: ['uuid'],
    optional: [],
    description: 'Keeps the host itself from using a device, from its next start on if need be, and prints how that stands.',
    run: (context) => dom0Access(context, 'disable_dom0_access'),
  },
  {
    name: 'pci-get-dom0-access-status',
    required: ['uuid'],
    optional: [],
    description: 'Prints whether the host itself uses a device.',
    run: (context) => dom0Access(context, 'get_dom0_access_status'),
  },
  {
    name: 'pusb-scan',
    required: ['host-uuid'],
    optional: [],
    description: 'Looks for USB devices of a host that came or went.',
    async run(context) {
      await context.api.call('PUSB', 'scan', refOf(context, 'host', 'host-uuid'));
    },
  },
];

type Dom0Message = 'enable_dom0_access' | 'disable_dom0_access' | 'get_dom0_access_status';

async function dom0Access(context: CommandContext, message: Dom0Message): Promise<void> {
  context.printer.message(await context.api.call('PCI', message, refOf(context, 'PCI', 'uuid')));
}
