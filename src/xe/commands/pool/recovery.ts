import type { Command } from '../../command.js';
import { onUuid, printUuid } from '../support.js';

/** Recovery of VMs from copies of another pool's storage. */
export const recoveryCommands: readonly Command[] = [
  {
    name: 'drtask-create',
    required: ['type'],
    optional: ['device-config:', 'sr-whitelist'],
    description:
      'Looks on storage of a type for SRs of another pool, or for some of them, lends them to this one, and prints a uuid.',
    async run(context) {
      const { api, parameters } = context;
      const config = parameters.map('device-config');
      const task = await api.call('DR_task', 'create', parameters.required('type'), config, parameters.commas('sr-whitelist'));
      printUuid(context, 'DR_task', task);
    },
  },
  {
    name: 'drtask-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Gives back SRs that were lent for recovery.',
    run: onUuid('DR_task', 'destroy'),
  },
];
