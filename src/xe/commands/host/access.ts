import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { sendsToHosts } from '../sends.js';
import { refOf } from '../support.js';

/** Who may log in to a host. */
export const hostAccessCommands: readonly Command[] = [
  {
    name: 'host-enable-external-auth',
    required: ['host-uuid', 'auth-type', 'service-name'],
    optional: ['config:'],
    flags: ['hidden'],
    description: 'Joins one host to a directory service. Only for mending a host; the pool has a command of its own.',
    async run(context) {
      const { api, parameters } = context;
      assertForced(context);
      const host = refOf(context, 'host', 'host-uuid');
      const [type, service] = [parameters.required('auth-type'), parameters.required('service-name')];
      await api.call('host', 'enable_external_auth', host, parameters.map('config'), service, type);
    },
  },
  {
    name: 'host-disable-external-auth',
    required: ['host-uuid'],
    optional: ['config:'],
    flags: ['hidden'],
    description: 'Takes one host out of its directory service. Only for mending a host; the pool has a command of its own.',
    async run(context) {
      assertForced(context);
      const host = refOf(context, 'host', 'host-uuid');
      await context.api.call('host', 'disable_external_auth', host, context.parameters.map('config'), true);
    },
  },
  {
    name: 'host-external-auth-set-ldaps',
    required: ['host-uuid', 'ldaps'],
    optional: ['force'],
    flags: ['hidden'],
    description: 'Says whether a host speaks to its directory service through TLS.',
    async run(context) {
      const { api, parameters } = context;
      const host = refOf(context, 'host', 'host-uuid');
      await api.call('host', 'external_auth_set_ldaps', host, parameters.boolean('ldaps'), parameters.boolean('force'));
    },
  },
  {
    name: 'host-enable-ssh',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Lets people log in to a host with SSH.',
    run: sendsToHosts('enable_ssh'),
  },
  {
    name: 'host-disable-ssh',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Lets nobody log in to a host with SSH.',
    run: sendsToHosts('disable_ssh'),
  },
];

/** That it is there is enough, whatever it says: scripts rely on that. */
function assertForced({ parameters }: CommandContext): void {
  if (!parameters.has('force'))
    throw new CommandFailure(
      'Authentication is a matter of the whole pool, and this touches one host only. Use --force to mend one.',
    );
}
