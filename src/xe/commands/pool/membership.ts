import { ApiError } from '../../../model/error.js';
import type { Command } from '../../command.js';
import { sends } from '../sends.js';
import { refOf } from '../support.js';
import { RESTART_DELAY } from './restart-delay.js';

/** Hosts that come into a pool, and who coordinates it. */
export const poolMembershipCommands: readonly Command[] = [
  {
    name: 'pool-join',
    required: ['master-address', 'master-username', 'master-password'],
    optional: ['force'],
    description:
      'Brings this host into the pool of another, as whose user it logs in there. With --force it is not asked whether they fit.',
    async run({ api, parameters, printer }) {
      const message = parameters.boolean('force') ? 'join_force' : 'join';
      const address = parameters.required('master-address');
      const [user, password] = [parameters.required('master-username'), parameters.required('master-password')];
      try {
        await api.call('pool', message, address, user, password);
      } catch (thrown) {
        if (!(thrown instanceof ApiError) || thrown.code !== 'JOINING_HOST_CONNECTION_FAILED') throw thrown;
        printer.lines(
          'The other host cannot be reached from this one.',
          'See whether its service runs, and whether the network lets connections to it through.',
        );
        return;
      }
      printer.lines(`The service of this host will start anew in ${RESTART_DELAY} seconds, as a member of the pool.`);
    },
  },
  {
    name: 'pool-designate-new-master',
    required: ['host-uuid'],
    optional: [],
    description: 'Makes another host the coordinator of the pool.',
    async run(context) {
      await context.api.call('pool', 'designate_new_master', refOf(context, 'host', 'host-uuid'));
    },
  },
  {
    name: 'pool-recover-slaves',
    required: [],
    optional: [],
    description:
      'Tells members that have lost their coordinator that it is this host, and prints the uuids of those that heard it.',
    async run({ api, printer }) {
      const hosts = await api.call('pool', 'recover_slaves');
      printer.lines(...hosts.map((host) => api.uuid('host', host)));
    },
  },
  {
    name: 'pool-sync-database',
    required: [],
    optional: [],
    description: 'Copies the database to every host of the pool.',
    run: sends('pool', 'sync_database'),
  },
  {
    name: 'pool-emergency-reset-master',
    required: ['master-address'],
    optional: [],
    flags: ['neverforward'],
    session: 'local',
    description: 'Tells this host that its coordinator has another address now.',
    async run({ api, parameters, printer }) {
      await api.call('pool', 'emergency_reset_master', parameters.required('master-address'));
      printer.lines(`The service of this host will start anew in ${RESTART_DELAY} seconds, with the new coordinator.`);
    },
  },
  {
    name: 'pool-emergency-transition-to-master',
    required: [],
    optional: ['force'],
    flags: ['neverforward'],
    session: 'local',
    description: 'Makes this host the coordinator of a pool that has lost its own.',
    async run({ api, parameters, printer }) {
      const force = parameters.boolean('force');
      if (!force && !(await api.call('host', 'is_in_emergency_mode'))) {
        printer.lines('This host is the coordinator already. Use --force to do it nevertheless.');
        return;
      }
      await api.call('pool', 'emergency_transition_to_master');
      printer.lines(`The service of this host will start anew in ${RESTART_DELAY} seconds, as the coordinator.`);
    },
  },
];
