import { fromDateTime } from '../../../model/datetime.js';
import type { EnumValue } from '../../../model/types.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { parseInteger } from '../../values.js';

/** Parameters that name what a message is about, in the order in which they count. */
const SUBJECTS: readonly (readonly [parameter: string, of: EnumValue<'cls'>])[] = [
  ['vm-uuid', 'VM'],
  ['pool-uuid', 'Pool'],
  ['sr-uuid', 'SR'],
  ['host-uuid', 'Host'],
];

/** Messages about objects, for people to read. */
export const messageCommands: readonly Command[] = [
  {
    name: 'message-create',
    required: ['name', 'priority', 'body'],
    optional: ['vm-uuid', 'host-uuid', 'sr-uuid', 'pool-uuid'],
    description: 'Writes a message about a VM, a host, an SR or the pool. Small numbers are urgent.',
    async run({ api, parameters }) {
      const [name, body] = [parameters.required('name'), parameters.required('body')];
      const priority = parseInteger('priority', parameters.required('priority'));
      for (const [parameter, of] of SUBJECTS) {
        const uuid = parameters.find(parameter);
        if (uuid === undefined) continue;
        await api.call('message', 'create', name, priority, of, uuid, body);
        return;
      }
      throw new CommandFailure(
        `Say what the message is about with one of ${SUBJECTS.map(([parameter]) => parameter).join(', ')}`,
      );
    },
  },
  {
    name: 'message-destroy',
    required: [],
    optional: ['uuid', 'uuids'],
    description: 'Deletes a message, or several with commas between their uuids.',
    async run({ api, parameters }) {
      const uuid = parameters.find('uuid');
      if ((uuid !== undefined) === parameters.has('uuids')) throw new CommandFailure('Give either uuid or uuids');
      const uuids = uuid === undefined ? parameters.commas('uuids') : [uuid];
      await api.call(
        'message',
        'destroy_many',
        uuids.map((one) => api.byUuid('message', one)),
      );
    },
  },
  {
    name: 'message-destroy-all',
    required: [],
    optional: ['before', 'after', 'priority'],
    description: 'Deletes all messages, or those before and after some time and of a priority.',
    async run(context) {
      await context.api.call('message', 'destroy_all', filters(context));
    },
  },
];

/** Throws CommandFailure for a date or a number that is none. */
function filters({ parameters }: CommandContext): Map<string, string> {
  const given = new Map<string, string>();
  for (const name of ['before', 'after']) {
    const date = parameters.find(name);
    if (date === undefined) continue;
    if (Number.isNaN(fromDateTime(date)))
      throw new CommandFailure(`Failed to parse parameter '${name}': expecting a date, got ${date}`);
    given.set(name, date);
  }
  const priority = parameters.find('priority');
  if (priority === undefined) return given;
  if (!/^\d+$/.test(priority)) throw new CommandFailure(`Failed to parse parameter 'priority': expecting an integer`);
  return given.set('priority', String(parseInteger('priority', priority)));
}
