import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { fixed } from '../../records/values/float-text.js';
import { onUuid, refOf } from '../support.js';

/** Columns of the figures of all clients, in the order in which they come. */
const COLUMNS = ['uuid', 'name-label', 'token-usage', 'call-count'];

const TOKEN_DIGITS = 3;

/** Client programs whose calls are counted. */
export const callerCommands: readonly Command[] = [
  {
    name: 'caller-create',
    required: [],
    optional: ['name-label', 'name-description', 'user-agent', 'client-ip'],
    description: 'Counts the calls of clients of a user agent, an address or both under a name, and tells the uuid.',
    async run({ api, parameters, printer }) {
      const caller = await api.create('Caller', {
        name_label: parameters.text('name-label', ''),
        name_description: parameters.text('name-description', ''),
        user_agent: parameters.text('user-agent', ''),
        client_ip: parameters.text('client-ip', ''),
      });
      printer.message(api.uuid('Caller', caller));
    },
  },
  {
    name: 'caller-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Forgets a client and what was counted of it.',
    run: onUuid('Caller', 'destroy'),
  },
  {
    name: 'caller-list-usage',
    required: [],
    optional: [],
    description: 'Shows how many calls all clients have made, and what those count for limits.',
    async run({ api, printer }) {
      const rows = await api.call('Caller', 'query_all_usage');
      printer.table(rows.map((row) => COLUMNS.map((column, i) => [column, row[i] ?? ''] as const)));
    },
  },
  {
    name: 'caller-query-usage',
    required: [],
    optional: ['uuid', 'group'],
    description: 'Shows how many calls a client, or a group of clients, has made, and what those count for limits.',
    async run(context) {
      const { tokens, calls } = await usage(context);
      context.printer.table([
        [
          ['token-usage', fixed(tokens, TOKEN_DIGITS)],
          ['call-count', String(calls)],
        ],
      ]);
    },
  },
];

/** Rejects with CommandFailure unless either a client or a group is named. */
async function usage(context: CommandContext): Promise<{ tokens: number; calls: number }> {
  const { api, parameters } = context;
  const group = parameters.find('group');
  if (parameters.has('uuid') === (group !== undefined))
    throw new CommandFailure('Name either a client with uuid or a group with group');
  if (group !== undefined) {
    const tokens = await api.call('Caller', 'query_group_token_usage', group);
    return { tokens, calls: await api.call('Caller', 'query_group_call_count', group) };
  }
  const caller = refOf(context, 'Caller', 'uuid');
  const tokens = await api.call('Caller', 'query_token_usage', caller);
  return { tokens, calls: await api.call('Caller', 'query_call_count', caller) };
}
