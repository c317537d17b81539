import type { Command } from '../../command.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Connections of hosts to SRs. */
export const pbdCommands: readonly Command[] = [
  {
    name: 'pbd-create',
    required: ['host-uuid', 'sr-uuid'],
    optional: ['device-config:'],
    description: 'Tells a host how to reach an SR, and prints the uuid of the connection. pbd-plug makes it.',
    async run(context) {
      const host = refOf(context, 'host', 'host-uuid');
      const sr = refOf(context, 'SR', 'sr-uuid');
      const deviceConfig = context.parameters.map('device-config');
      const pbd = await context.api.create('PBD', { host, SR: sr, device_config: deviceConfig, other_config: new Map() });
      printUuid(context, 'PBD', pbd);
    },
  },
  {
    name: 'pbd-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Makes a host forget how to reach an SR.',
    run: onUuid('PBD', 'destroy'),
  },
  {
    name: 'pbd-plug',
    required: ['uuid'],
    optional: [],
    description: 'Connects a host to an SR.',
    run: onUuid('PBD', 'plug'),
  },
  {
    name: 'pbd-unplug',
    required: ['uuid'],
    optional: [],
    description: 'Disconnects a host from an SR.',
    run: onUuid('PBD', 'unplug'),
  },
];
