import type { ExplicitMessage } from '../../../model/types.js';
import type { Command, CommandContext } from '../../command.js';
import { confirm } from '../confirm.js';
import { refOf } from '../support.js';

/** Hosts that will not come back. */
export const hostRemovalCommands: readonly Command[] = [
  {
    name: 'host-forget',
    required: ['uuid'],
    optional: [],
    description: 'Removes a host that is gone for good from the pool, without reaching it. Asks first, unless --force is given.',
    run: (context) =>
      afterWarning(context, 'destroy', [
        'WARNING: this takes the host out of the database of the pool for good, whatever becomes of the machine.',
        'Its local storage and the disks on it will be forgotten. If the machine still works, use pool-eject instead.',
      ]),
  },
  {
    name: 'host-declare-dead',
    required: ['uuid'],
    optional: [],
    description:
      'Says that a host that cannot be reached is off, so that its VMs may start elsewhere. Asks first, unless --force is given.',
    run: (context) =>
      afterWarning(context, 'declare_dead', [
        'WARNING: only a person can know that the machine is off. All its VMs will be taken for halted.',
        'If it is still running, a VM started elsewhere writes to the same disks as its twin there, and destroys what is on them.',
      ]),
  },
];

async function afterWarning(
  context: CommandContext,
  message: ExplicitMessage<'host'> & ('destroy' | 'declare_dead'),
  warning: readonly string[],
): Promise<void> {
  const { api, client, parameters } = context;
  const host = refOf(context, 'host', 'uuid');
  if (!parameters.boolean('force')) {
    for (const line of warning) client.print(line);
    await confirm(context);
  }
  await api.call('host', message, host);
}
