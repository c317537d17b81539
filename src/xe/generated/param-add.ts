import type { Command, CommandContext } from '../command.js';
import { CommandFailure } from '../failure.js';
import { STANDARD_PARAMETERS } from '../parameters.js';
import type { Field, RecordClass } from '../records/record-class.js';
import { visibleFields } from '../records/show.js';
import { targetOf, targetOfRef } from '../records/targets.js';
import { fieldNamed } from './field-named.js';

/** Parameters of the command itself, which are no keys of a map. */
const OWN: ReadonlySet<string> = new Set(['uuid', 'param-name', 'param-key', ...STANDARD_PARAMETERS]);

/** `X-param-add`: adds a member to a set, or keys to a map; undefined for a class that has neither. */
export function paramAddCommand(recordClass: RecordClass): Command | undefined {
  const names = visibleFields(recordClass)
    .filter(canAdd)
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    name: `${recordClass.name}-param-add`,
    required: ['uuid', 'param-name'],
    optional: ['param-key'],
    description:
      `Adds to a field of one ${recordClass.name}: to a set the member that is given as param-key, ` +
      `to a map each key=value on the command line. Fields that can be added to: ${names.join(', ')}.`,
    run: (context) => add(context, recordClass),
  };
}

async function add({ api, parameters }: CommandContext, recordClass: RecordClass): Promise<void> {
  const target = targetOf(api, recordClass, parameters.required('uuid'));
  const field = fieldNamed(recordClass, parameters.required('param-name'));
  if (!field.members && !field.entries) throw new CommandFailure('Can only add to parameters of type Set or Map');
  if (!canAdd(field)) throw new CommandFailure('Parameter is read-only');
  if (field.addMember) {
    const member = parameters.find('param-key');
    if (member === undefined)
      throw new CommandFailure('When adding a key to a set, use the syntax: *-param-add param-name=<name> param-key=<key>');
    return field.addMember(target, member);
  }
  for (const { name, value } of parameters.list) {
    // Read again each time, for maps that are written as a whole.
    if (!OWN.has(name)) await field.addKey?.(targetOfRef(api, recordClass, target.ref), name, value);
  }
}

/** Whether the command takes a field. */
function canAdd(field: Field): boolean {
  return (field.addMember ?? field.addKey) !== undefined;
}
