import { CommandFailure } from '../failure.js';
import type { Field, RecordClass } from './record-class.js';

/** What a parameter such as `name-label`, `other-config:key` or `tags:contains` is about. */
export type FieldPath =
  | { readonly kind: 'whole'; readonly field: Field }
  | {
      readonly kind: 'key';
      readonly field: Field & Required<Pick<Field, 'entries'>>;
      readonly key: string;
    }
  | {
      readonly kind: 'member';
      readonly field: Field & Required<Pick<Field, 'members'>>;
      /** What follows the name of the set; only `contains` means something. */
      readonly word: string;
    };

/**
 * Reads the name of a parameter as a field, or as a part of one: `field:key`, or `field-key` as it was written once. Of
 * several fields that the old spelling may mean, the longest counts, and maps come before sets.
 * Throws CommandFailure for what the class does not have.
 */
export function fieldPath(recordClass: RecordClass, name: string): FieldPath {
  const { fields } = recordClass;
  const whole = fields.find((field) => field.name === name);
  if (whole) return { kind: 'whole', field: whole };
  const colon = name.indexOf(':');
  const before = name.slice(0, colon);
  const owner = colon < 0 ? undefined : fields.find((field) => field.name === before);
  if (owner) {
    const path = partOf(owner, name);
    if (!path) throw new CommandFailure(`Field '${owner.name}' is not a set or map`);
    return path;
  }
  const candidates = fields
    .filter((field) => name.startsWith(`${field.name}-`))
    .sort((a, b) => b.name.length - a.name.length)
    .flatMap((field) => partOf(field, name) ?? []);
  const path = candidates.find(({ kind }) => kind === 'key') ?? candidates[0];
  if (!path) throw new CommandFailure(`Unknown field '${name}'`);
  return path;
}

/** The part of a map or set that a name means, in either spelling; undefined when the field is neither. */
function partOf(field: Field, name: string): FieldPath | undefined {
  const rest = name.slice(field.name.length + 1);
  if (hasEntries(field)) return { kind: 'key', field, key: rest };
  return hasMembers(field) ? { kind: 'member', field, word: rest } : undefined;
}

function hasEntries(field: Field): field is Field & Required<Pick<Field, 'entries'>> {
  return field.entries !== undefined;
}

function hasMembers(field: Field): field is Field & Required<Pick<Field, 'members'>> {
  return field.members !== undefined;
}
