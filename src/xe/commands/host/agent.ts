import { toApiError } from '../../../model/error.js';
import type { Command } from '../../command.js';
import { CommandExit } from '../../failure.js';
import { sends } from '../sends.js';
import { refOf } from '../support.js';

/** Exit codes of the health check, for whoever watches over hosts. */
const UNHEALTHY = 2;
const UNKNOWN = 3;

/** The service on a host itself, asked directly. */
export const hostAgentCommands: readonly Command[] = [
  {
    name: 'host-ha-xapi-healthcheck',
    required: [],
    optional: [],
    flags: ['hidden', 'neverforward'],
    session: 'local',
    description: 'Tells whether the service of this host works: exit code 2 says that it does not, 3 that it could not be asked.',
    async run({ api, client }) {
      const healthy = await api.call('host', 'ha_xapi_healthcheck').catch((thrown: unknown) => {
        const { code, params } = toApiError(thrown);
        client.print(`The health check failed: ${[code, ...params].join(', ')}`);
        throw new CommandExit(UNKNOWN);
      });
      client.print(healthy ? 'The service is healthy.' : 'The service is not healthy.');
      if (!healthy) throw new CommandExit(UNHEALTHY);
    },
  },
  {
    name: 'host-shutdown-agent',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Ends the service of this host, which may start again by itself.',
    run: sends('host', 'shutdown_agent'),
  },
  {
    name: 'host-notify',
    required: ['type'],
    optional: ['params'],
    flags: ['hidden', 'neverforward'],
    session: 'local',
    description: 'Tells the service of this host that something has happened.',
    async run({ api, parameters }) {
      await api.call('host', 'notify', parameters.required('type'), parameters.text('params', ''));
    },
  },
  {
    name: 'host-signal-networking-change',
    required: [],
    optional: [],
    flags: ['hidden', 'neverforward'],
    session: 'local',
    description: 'Tells the service of this host that addresses have changed.',
    run: sends('host', 'signal_networking_change'),
  },
  {
    name: 'host-update-firewalld-service-status',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Has the firewall of this host follow which services are on.',
    run: sends('host', 'update_firewalld_service_status'),
  },
  {
    name: 'host-send-debug-keys',
    required: ['host-uuid', 'keys'],
    optional: [],
    session: 'local',
    description: 'Sends debug keys to the hypervisor of a host.',
    async run(context) {
      const host = refOf(context, 'host', 'host-uuid');
      await context.api.call('host', 'send_debug_keys', host, context.parameters.required('keys'));
    },
  },
];
