import { enums } from '../../../../schema/enums.js';
import type { Command } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { upload } from '../../tasks/transfer.js';
import { parseInteger, parseWord } from '../../values.js';
import { poolNamed, sendsToPool } from '../sends.js';

/** Saturday, where Sunday is 0. */
const LAST_DAY = 6;

/** Where the pool gets its updates from, and when it looks. */
export const poolUpdateCommands: readonly Command[] = [
  {
    name: 'pool-sync-updates',
    required: [],
    optional: ['force', 'token', 'token-id', 'username', 'password'],
    description: 'Fetches what is new in the enabled repositories, and prints a name for the state that was fetched.',
    async run(context) {
      const { api, parameters, printer } = context;
      const force = parameters.boolean('force');
      const [token, tokenId] = [parameters.text('token', ''), parameters.text('token-id', '')];
      // Programs that keep user and password of the login to themselves send them under these names nevertheless.
      const [user, password] = [parameters.text('username', ''), parameters.text('password', '')];
      printer.lines(await api.call('pool', 'sync_updates', poolNamed(context), force, token, tokenId, user, password));
    },
  },
  {
    name: 'pool-sync-bundle',
    required: ['filename'],
    optional: [],
    description: 'Sends a file of updates to the pool.',
    async run(context) {
      await upload(context, { label: 'Bundle of updates', fileName: context.parameters.required('filename'), path: '/bundle' });
    },
  },
  {
    name: 'pool-configure-update-sync',
    required: ['update-sync-frequency', 'update-sync-day'],
    optional: [],
    description: 'Says when the pool looks for updates: daily, or weekly on a day from 0 (Sunday) to 6.',
    async run(context) {
      const { api, parameters } = context;
      const frequency = parseWord(enums.update_sync_frequency, parameters.required('update-sync-frequency'));
      const day = frequency === 'daily' ? 0 : dayOfWeek(parameters.required('update-sync-day'));
      await api.call('pool', 'configure_update_sync', poolNamed(context), frequency, day);
    },
  },
  {
    name: 'pool-set-update-sync-enabled',
    required: ['value'],
    optional: [],
    description: 'Has the pool look for updates by itself, or not.',
    async run(context) {
      await context.api.call('pool', 'set_update_sync_enabled', poolNamed(context), context.parameters.boolean('value'));
    },
  },
  {
    name: 'pool-configure-repository-proxy',
    required: ['proxy-url'],
    optional: ['proxy-username', 'proxy-password'],
    description: 'Has the pool reach its repositories through a proxy.',
    async run(context) {
      const { api, parameters } = context;
      const url = parameters.required('proxy-url');
      const [user, password] = [parameters.text('proxy-username', ''), parameters.text('proxy-password', '')];
      await api.call('pool', 'configure_repository_proxy', poolNamed(context), url, user, password);
    },
  },
  {
    name: 'pool-disable-repository-proxy',
    required: [],
    optional: [],
    description: 'Has the pool reach its repositories without a proxy.',
    run: sendsToPool('disable_repository_proxy'),
  },
];

function dayOfWeek(text: string): number {
  const day = parseInteger('update-sync-day', text);
  if (day < 0 || day > LAST_DAY) throw new CommandFailure(`Days of the week are 0 to ${LAST_DAY}, not ${text}`);
  return day;
}
