import type { Command } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { sends } from '../sends.js';

/** What is left to do on a host whose pool cannot be reached: none of it needs the coordinator. */
export const hostEmergencyCommands: readonly Command[] = [
  {
    name: 'host-emergency-ha-disable',
    required: [],
    optional: ['force', 'soft'],
    flags: ['neverforward'],
    session: 'local',
    description: 'Turns high availability off on this host alone. Only for the case that the pool cannot do it any more.',
    async run({ api, parameters }) {
      const soft = parameters.boolean('soft');
      if (!parameters.boolean('force'))
        throw new CommandFailure(
          'The other hosts are not told of this, and a VM may run twice and destroy its disks. Use --force to do it nevertheless.',
        );
      await api.call('host', 'emergency_ha_disable', soft);
    },
  },
  {
    name: 'host-emergency-management-reconfigure',
    required: ['interface'],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Makes a device the one through which this host is managed, while its pool cannot be reached.',
    async run({ api, parameters }) {
      await api.call('host', 'local_management_reconfigure', parameters.required('interface'));
    },
  },
  {
    name: 'host-emergency-disable-tls-verification',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Has this host check no certificates of others, so that it can be mended.',
    run: sends('host', 'emergency_disable_tls_verification'),
  },
  {
    name: 'host-emergency-reenable-tls-verification',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Has this host check certificates of others again.',
    run: sends('host', 'emergency_reenable_tls_verification'),
  },
  {
    name: 'host-emergency-reset-server-certificate',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Gives this host a new certificate that it has signed itself.',
    run: sends('host', 'emergency_reset_server_certificate'),
  },
  {
    name: 'host-emergency-clear-mandatory-guidance',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Forgets what updates of this host have left to be done.',
    run: sends('host', 'emergency_clear_mandatory_guidance'),
  },
  {
    name: 'host-is-in-emergency-mode',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Tells whether this host has lost its coordinator.',
    async run({ api, printer }) {
      printer.message(String(await api.call('host', 'is_in_emergency_mode')));
    },
  },
];
