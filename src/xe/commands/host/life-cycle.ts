import type { Command } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { parseInteger } from '../../values.js';
import { sendsToHosts } from '../sends.js';
import { onUuid, refOrNull } from '../support.js';

/** Key under which maintenance tools remember that they have disabled a host. */
const MAINTENANCE_MODE = 'MAINTENANCE_MODE';

/** Hosts that come, go, and rest. */
export const hostLifeCycleCommands: readonly Command[] = [
  {
    name: 'host-enable',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Lets VMs start on a host again.',
    async run(context) {
      const { api } = context;
      await onHosts(context, async ({ ref }) => {
        await api.removeFrom('host', ref, 'other_config', MAINTENANCE_MODE);
        await api.call('host', 'enable', ref);
      });
    },
  },
  {
    name: 'host-disable',
    required: [],
    optional: ['auto-enable'],
    selectors: 'host',
    description: 'Lets no VM start on a host; those that run there go on. With auto-enable=false this outlasts a restart.',
    async run(context) {
      const autoEnable = context.parameters.boolean('auto-enable', true);
      await onHosts(context, ({ ref }) => context.api.call('host', 'disable', ref, autoEnable));
    },
  },
  {
    name: 'host-reboot',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Restarts a host, which has to be disabled and without running VMs.',
    run: sendsToHosts('reboot'),
  },
  {
    name: 'host-shutdown',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Turns a host off, which has to be disabled and without running VMs.',
    run: sendsToHosts('shutdown'),
  },
  {
    name: 'host-power-on',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Turns a host on by the means that its power-on-mode names.',
    run: sendsToHosts('power_on'),
  },
  {
    name: 'host-set-power-on-mode',
    required: ['power-on-mode'],
    optional: ['power-on-config'],
    selectors: 'host',
    description: 'Says how a host is turned on from afar, with what that needs as power-on-config:key=value.',
    async run(context) {
      const { api, parameters } = context;
      const mode = parameters.required('power-on-mode');
      const config = parameters.map('power-on-config');
      await onHosts(context, ({ ref }) => api.call('host', 'set_power_on_mode', ref, mode, config));
    },
  },
  {
    name: 'host-evacuate',
    required: [],
    optional: ['network-uuid', 'batch-size'],
    selectors: 'host',
    description: 'Moves all running VMs of a host to others, so many at a time, over a network if one is named.',
    async run(context) {
      const network = refOrNull(context, 'network', 'network-uuid');
      const batchSize = context.parameters.find('batch-size');
      const atOnce = batchSize === undefined ? 0 : parseInteger('batch-size', batchSize);
      await onHosts(context, ({ ref }) => context.api.call('host', 'evacuate', ref, network, atOnce), {
        single: true,
      });
    },
  },
  {
    name: 'host-prepare-for-poweroff',
    required: [],
    optional: [],
    flags: ['hidden'],
    description: 'Has a host put everything in order before its power goes.',
    run: onUuid('host', 'prepare_for_poweroff'),
  },
  {
    name: 'host-sync-data',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Copies data that lies outside the database from the coordinator to a host.',
    run: sendsToHosts('sync_data'),
  },
];
