import type { Command, CommandContext } from '../command.js';
import { CommandFailure } from '../failure.js';
import { STANDARD_PARAMETERS } from '../parameters.js';
import { fieldPath } from '../records/field-path.js';
import type { Field, RecordClass, Target } from '../records/record-class.js';
import { visibleFields } from '../records/show.js';
import { targetOf, targetOfRef } from '../records/targets.js';

/** `X-param-set`: changes fields and keys of maps; undefined for a class that has none to change. */
export function paramSetCommand(recordClass: RecordClass): Command | undefined {
  const fields = visibleFields(recordClass);
  const optional = [
    ...fields.filter(({ set }) => set).map(({ name }) => name),
    ...fields.filter(takesKeys).map(({ name }) => `${name}:`),
  ];
  if (optional.length === 0) return undefined;
  return {
    name: `${recordClass.name}-param-set`,
    required: ['uuid'],
    optional,
    description: `Changes fields of one ${recordClass.name}, and keys of those that are maps.`,
    run: (context) => setFields(context, recordClass),
  };
}

/** Applies each assignment as it is met, so that those before a mistake last. */
async function setFields({ api, parameters }: CommandContext, recordClass: RecordClass): Promise<void> {
  let target = targetOf(api, recordClass, parameters.required('uuid'));
  const maps = new Map<Field, Map<string, string>>();
  for (const { name, value } of parameters.list) {
    if (name === 'uuid' || STANDARD_PARAMETERS.has(name)) continue;
    const path = fieldPath(recordClass, name);
    const { field } = path;
    if (path.kind === 'member') throw new CommandFailure('Cannot param-set on set fields');
    if (path.kind === 'whole') {
      await setWhole(field, target, value);
    } else if (field.setMap) {
      const entries = maps.get(field) ?? new Map<string, string>();
      maps.set(field, entries.set(path.key, value));
      continue;
    } else {
      await setKey(field, target, path.key, value);
    }
    // What follows may depend on what has just been written: the same key again, a map that was made of other fields.
    target = targetOfRef(api, recordClass, target.ref);
  }
  for (const [field, entries] of maps) await field.setMap?.(target, entries);
}

function setWhole(field: Field, target: Target, value: string): Promise<void> {
  if (field.set) return field.set(target, value);
  if (takesKeys(field)) throw new CommandFailure(`Field '${field.name}' is a map or set. use the 'name:key=value' syntax.`);
  throw new CommandFailure(`Field '${field.name}' is read-only.`);
}

async function setKey(field: Field, target: Target, key: string, value: string): Promise<void> {
  if (field.setKey) return field.setKey(target, key, value);
  if (!field.addKey) throw new CommandFailure(`Map field '${field.name}' is read-only.`);
  const entries = await field.entries?.(target);
  if (entries?.has(key)) await field.remove?.(target, key);
  await field.addKey(target, key, value);
}

/** Whether `field:key=value` does something. */
function takesKeys(field: Field): boolean {
  return field.entries !== undefined && (field.setKey ?? field.setMap ?? field.addKey) !== undefined;
}
