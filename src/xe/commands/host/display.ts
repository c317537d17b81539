import type { Command, CommandContext } from '../../command.js';
import { refOf } from '../support.js';

/** The screen of a host, which may be its own or given to a VM. */
export const hostDisplayCommands: readonly Command[] = [
  {
    name: 'host-enable-display',
    required: ['uuid'],
    optional: [],
    description: 'Has a host show its console on its screen from the next start on.',
    run: (context) => change(context, 'enable_display'),
  },
  {
    name: 'host-disable-display',
    required: ['uuid'],
    optional: [],
    description: 'Has a host leave its screen to VMs from the next start on.',
    run: (context) => change(context, 'disable_display'),
  },
];

async function change(context: CommandContext, message: 'enable_display' | 'disable_display'): Promise<void> {
  context.printer.message(await context.api.call('host', message, refOf(context, 'host', 'uuid')));
}
