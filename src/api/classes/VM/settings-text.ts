import type { Patch } from '../../../db/database.js';
import { derivedFields } from '../../../db/relations.js';
import { classModel } from '../../../model/class-model.js';
import { parseStorageText, StorageTextError, storageText } from '../../../model/storage-text.js';
import { parseType } from '../../../model/type-syntax.js';
import type { Fields } from '../../../model/types.js';

const TEXTS = parseType('map(string,string)');

/** All settings of a VM as one text, in the form in which the original keeps them in a snapshot. */
export function settingsText(vm: Fields<'VM'>): string {
  const values = vm as Readonly<Record<string, unknown>>;
  const texts = classModel('VM').fields.map((field) => [field.column, storageText(field.type, values[field.name])] as const);
  return storageText(TEXTS, new Map(texts));
}

/** What revert leaves as it is on the VM: what it is, where it stands, what belongs to the whole of its life. */
const KEPT: ReadonlySet<string> = new Set([
  'uuid',
  'suspend_VDI',
  'power_state',
  'parent',
  'current_operations',
  'allowed_operations',
  'metrics',
  'guest_metrics',
  'resident_on',
  'domid',
  'protection_policy',
  'snapshot_schedule',
  'scheduled_to_be_resident_on',
  'tags',
  'affinity',
  'groups',
  'attached_PCIs',
  'is_snapshot_from_vmpp',
]);

/** Settings that a revert writes, and the uuid that the VM had. */
export interface OldSettings {
  readonly uuid: string | undefined;
  readonly fields: Patch<'VM'>;
}

/**
 * Reads the text again, as far as a revert puts settings back. What the model does not know, or knows other values for, is
 * passed over: the text may be of another version. Undefined when it is no such text at all.
 */
export function readSettings(text: string): OldSettings | undefined {
  const texts = parse(() => parseStorageText(TEXTS, text));
  if (!(texts instanceof Map)) return undefined;
  const derived = derivedFields('VM');
  const fields: Record<string, unknown> = {};
  for (const field of classModel('VM').fields) {
    const value = texts.get(field.column);
    if (typeof value !== 'string' || KEPT.has(field.name) || derived.has(field.name)) continue;
    const parsed = parse(() => parseStorageText(field.type, value));
    if (parsed !== undefined) fields[field.name] = parsed;
  }
  const uuid: unknown = texts.get('uuid');
  return { uuid: typeof uuid === 'string' ? uuid : undefined, fields: fields as Patch<'VM'> };
}

function parse(read: () => unknown): unknown {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof StorageTextError) return undefined;
    throw thrown;
  }
}
