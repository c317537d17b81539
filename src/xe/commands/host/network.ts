import type { Command } from '../../command.js';
import { sends } from '../sends.js';
import { refOf } from '../support.js';

/** How hosts are reached, what they are called, and where their logs go. */
export const hostNetworkCommands: readonly Command[] = [
  {
    name: 'host-management-reconfigure',
    required: ['pif-uuid'],
    optional: [],
    description: 'Makes an interface the one through which its host is managed.',
    async run(context) {
      await context.api.call('host', 'management_reconfigure', refOf(context, 'PIF', 'pif-uuid'));
    },
  },
  {
    name: 'host-management-disable',
    required: [],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Has this host listen to no management network; it can be managed from its own console only.',
    run: sends('host', 'management_disable'),
  },
  {
    name: 'host-set-hostname-live',
    required: ['host-uuid', 'host-name'],
    optional: [],
    selectors: 'host',
    description: 'Changes the name that a host has in the network.',
    async run(context) {
      const host = refOf(context, 'host', 'host-uuid');
      await context.api.call('host', 'set_hostname_live', host, context.parameters.required('host-name'));
    },
  },
  {
    name: 'host-syslog-reconfigure',
    required: ['host-uuid'],
    optional: [],
    description: 'Has a host send its log to where its logging settings say.',
    async run(context) {
      await context.api.call('host', 'syslog_reconfigure', refOf(context, 'host', 'host-uuid'));
    },
  },
];
