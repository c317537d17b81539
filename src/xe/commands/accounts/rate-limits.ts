import type { Command, CommandContext } from '../../command.js';
import { parseFloatText } from '../../values.js';
import { onUuid, refOf } from '../support.js';

/** Limits on how fast clients may call. */
export const rateLimitCommands: readonly Command[] = [
  {
    name: 'rate-limit-create',
    required: ['burst-size', 'fill-rate'],
    optional: ['name-label', 'name-description', 'caller-uuids'],
    description: 'Makes a limit of so much at once and so much in a second, for the clients that are named, and tells the uuid.',
    async run({ api, parameters, printer }) {
      const callers = parameters.commas('caller-uuids').map((uuid) => api.byUuid('Caller', uuid));
      const limit = await api.create('Rate_limit', {
        name_label: parameters.text('name-label', ''),
        name_description: parameters.text('name-description', ''),
        burst_size: parseFloatText('burst-size', parameters.required('burst-size')),
        fill_rate: parseFloatText('fill-rate', parameters.required('fill-rate')),
      });
      for (const caller of callers) await api.call('Rate_limit', 'add_caller', limit, caller);
      printer.message(api.uuid('Rate_limit', limit));
    },
  },
  {
    name: 'rate-limit-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a limit.',
    run: onUuid('Rate_limit', 'destroy'),
  },
  {
    name: 'rate-limit-add-caller',
    required: ['uuid', 'caller-uuid'],
    optional: [],
    description: 'Holds a client to a limit.',
    run: (context) => change(context, 'add_caller'),
  },
  {
    name: 'rate-limit-remove-caller',
    required: ['uuid', 'caller-uuid'],
    optional: [],
    description: 'Holds a client to a limit no more.',
    run: (context) => change(context, 'remove_caller'),
  },
];

async function change(context: CommandContext, message: 'add_caller' | 'remove_caller'): Promise<void> {
  const limit = refOf(context, 'Rate_limit', 'uuid');
  await context.api.call('Rate_limit', message, limit, refOf(context, 'Caller', 'caller-uuid'));
}
