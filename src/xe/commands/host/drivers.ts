import type { Command } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { onHosts } from '../../selectors/hosts.js';
import { onUuid, refOf } from '../support.js';

/** Drivers of a host that come in several variants. */
export const hostDriverCommands: readonly Command[] = [
  {
    name: 'hostdriver-select',
    required: ['uuid', 'variant-name'],
    optional: [],
    description: 'Has a host use a variant of a driver, by the name of the variant.',
    async run(context) {
      const { api, parameters } = context;
      const driver = refOf(context, 'Host_driver', 'uuid');
      const name = parameters.required('variant-name');
      const [variant, second] = api
        .get('Host_driver', driver, 'variants')
        .filter((ref) => api.record('Driver_variant', ref).fields.name === name);
      if (!variant) throw new CommandFailure(`The driver has no variant ${name}`);
      if (second) throw new CommandFailure(`The driver has several variants ${name}; use hostdriver-variant-select`);
      await api.call('Host_driver', 'select', driver, variant);
    },
  },
  {
    name: 'hostdriver-deselect',
    required: ['uuid'],
    optional: ['force'],
    description: 'Has a host use no variant of a driver.',
    async run(context) {
      const driver = refOf(context, 'Host_driver', 'uuid');
      if (!context.parameters.boolean('force'))
        throw new CommandFailure('A host without the driver may not come up again. Use --force to do it nevertheless.');
      await context.api.call('Host_driver', 'deselect', driver);
    },
  },
  {
    name: 'hostdriver-variant-select',
    required: ['uuid'],
    optional: [],
    description: 'Has a host use a variant of a driver.',
    run: onUuid('Driver_variant', 'select'),
  },
  {
    name: 'hostdriver-rescan',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Looks anew for the drivers of a host and their variants.',
    async run(context) {
      await onHosts(context, ({ ref }) => context.api.call('Host_driver', 'rescan', ref));
    },
  },
];
