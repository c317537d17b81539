import type { EnumValue } from '../../../model/types.js';
import type { Command } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** What a check says of an update that can be applied. */
const VERDICTS: Readonly<Record<EnumValue<'livepatch_status'>, string>> = {
  ok: 'Ok.',
  ok_livepatch_complete: 'Ok: the host need not be restarted for it.',
  ok_livepatch_incomplete: 'Ok: part of it takes effect when the host is restarted.',
};

/** Updates of hosts. */
export const updateCommands: readonly Command[] = [
  {
    name: 'update-introduce',
    required: ['vdi-uuid'],
    optional: [],
    description: 'Takes the update that lies on a disk into the pool and prints its uuid.',
    async run(context) {
      printUuid(context, 'pool_update', await context.api.call('pool_update', 'introduce', refOf(context, 'VDI', 'vdi-uuid')));
    },
  },
  {
    name: 'update-precheck',
    required: ['uuid'],
    optional: [],
    selectors: 'host',
    description: 'Tells whether an update can be applied to a host.',
    async run(context) {
      const { api, printer } = context;
      const update = refOf(context, 'pool_update', 'uuid');
      await onHosts(context, async ({ ref }) => printer.lines(VERDICTS[await api.call('pool_update', 'precheck', update, ref)]));
    },
  },
  {
    name: 'update-apply',
    required: ['uuid'],
    optional: [],
    selectors: 'host',
    description: 'Applies an update to a host.',
    async run(context) {
      const update = refOf(context, 'pool_update', 'uuid');
      await onHosts(context, ({ ref }) => context.api.call('pool_update', 'apply', update, ref));
    },
  },
  {
    name: 'update-pool-apply',
    required: ['uuid'],
    optional: [],
    description: 'Applies an update to all hosts.',
    run: onUuid('pool_update', 'pool_apply'),
  },
  {
    name: 'update-pool-clean',
    required: ['uuid'],
    optional: [],
    description: 'Deletes the disk of an update.',
    run: onUuid('pool_update', 'pool_clean'),
  },
  {
    name: 'update-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes an update that was applied nowhere.',
    run: onUuid('pool_update', 'destroy'),
  },
  {
    name: 'update-resync-host',
    required: ['host-uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Looks which updates a host has.',
    async run(context) {
      await context.api.call('pool_update', 'resync_host', refOf(context, 'host', 'host-uuid'));
    },
  },
  {
    name: 'host-apply-updates',
    required: ['hash'],
    optional: [],
    selectors: 'host',
    description: 'Brings a host to a state of the repositories, by the name that pool-sync-updates has printed for it.',
    async run(context) {
      const { api, parameters, printer } = context;
      const state = parameters.required('hash');
      await onHosts(context, async ({ ref }) => {
        for (const warning of await api.call('host', 'apply_updates', ref, state)) printer.message(warning.join('; '));
      });
    },
  },
];
