import type { Command, CommandContext } from '../command.js';
import { CommandFailure } from '../failure.js';
import type { RecordClass } from '../records/record-class.js';
import { visibleFields } from '../records/show.js';
import { targetOf } from '../records/targets.js';
import { fieldNamed } from './field-named.js';

/** `X-param-remove`: removes a member of a set, or a key of a map; undefined for a class that has neither. */
export function paramRemoveCommand(recordClass: RecordClass): Command | undefined {
  if (!visibleFields(recordClass).some(({ remove }) => remove)) return undefined;
  return {
    name: `${recordClass.name}-param-remove`,
    required: ['uuid', 'param-name', 'param-key'],
    optional: [],
    description: `Removes one member of a set, or one key of a map, from a field of one ${recordClass.name}.`,
    run: (context) => remove(context, recordClass),
  };
}

async function remove({ api, parameters }: CommandContext, recordClass: RecordClass): Promise<void> {
  const target = targetOf(api, recordClass, parameters.required('uuid'));
  const field = fieldNamed(recordClass, parameters.required('param-name'));
  const key = parameters.required('param-key');
  if (field.members) {
    const members = await field.members(target);
    if (!members.includes(key)) throw new CommandFailure(`Key ${key} is not in the set`);
  } else if (field.entries) {
    const entries = await field.entries(target);
    if (!entries.has(key)) throw new CommandFailure(`Key ${key} is not in map`);
  } else {
    throw new CommandFailure('Can only remove from parameters of type Set or Map');
  }
  // The original says map of sets, too.
  if (!field.remove) throw new CommandFailure('Cannot remove parameters from read-only map');
  await field.remove(target, key);
}
