import type { Command, CommandContext } from '../command.js';
import { CommandFailure } from '../failure.js';
import type { Field, RecordClass, Target } from '../records/record-class.js';
import { visibleFields } from '../records/show.js';
import { targetOf, targetOfRef } from '../records/targets.js';
import { fieldNamed } from './field-named.js';

/** `X-param-clear`: empties a field; undefined for a class that has no set, no map, and nothing that can be set. */
export function paramClearCommand(recordClass: RecordClass): Command | undefined {
  const names = visibleFields(recordClass)
    .filter((field) => field.set ?? field.members ?? field.entries)
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    name: `${recordClass.name}-param-clear`,
    required: ['uuid', 'param-name'],
    optional: [],
    description: `Empties one field of one ${recordClass.name}, which may be ${names.join(', ')}.`,
    run: (context) => clear(context, recordClass),
  };
}

async function clear({ api, parameters }: CommandContext, recordClass: RecordClass): Promise<void> {
  const target = targetOf(api, recordClass, parameters.required('uuid'));
  const field = fieldNamed(recordClass, parameters.required('param-name'));
  if (field.clear) return field.clear(target);
  if (field.remove) {
    for (const key of await keysOf(field, target)) {
      // Read again each time, for sets and maps that are written as a whole.
      await field.remove(targetOfRef(api, recordClass, target.ref), key);
    }
    return;
  }
  if (!field.set) throw new CommandFailure('Can only clear RW parameters');
  try {
    await field.set(target, '');
  } catch {
    // Whatever is wrong with an empty value, this is what people are told.
    throw new CommandFailure('Cannot clear this parameter');
  }
}

async function keysOf(field: Field, target: Target): Promise<readonly string[]> {
  if (field.members) return field.members(target);
  return [...((await field.entries?.(target)) ?? new Map<string, string>()).keys()];
}
