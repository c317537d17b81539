import { ApiError } from '../../model/error.js';
import type { TableRow } from '../printer.js';
import type { Field, RecordClass, Soon, Target } from './record-class.js';
import { Stretch } from './stretch.js';

/** What lists print for a field that would cost a call for each object. */
const EXPENSIVE = '<expensive field>';

/** What is printed for a value whose object went away while it was read. */
const VANISHED = '<invalid reference>';

/** Whether a field that costs a call for each object is computed, or has a placeholder. */
export type ExpensiveFields = 'computed' | 'placeholder';

/** Name of a field with what can be done with it: `name-label ( RW)`. */
export function label(field: Field): string {
  return `${field.name} (${field.access.padStart(3)})${field.deprecated ? ' [DEPRECATED]' : ''}`;
}

/** The fields that commands name in help and in lists. */
export function visibleFields(recordClass: RecordClass): readonly Field[] {
  return recordClass.fields.filter(({ hidden }) => !hidden);
}

/**
 * The fields that a list prints, in the order of the class, hidden ones never.
 * @param params value of `params=`: names with commas between them, of which unknown ones count for nothing, or `all`
 * @param shown what is printed without it; empty for everything
 */
export function fieldsNamed(
  recordClass: RecordClass,
  params: string | undefined,
  shown: readonly string[] = recordClass.shown,
): readonly Field[] {
  const names = new Set(params === undefined ? shown : params.split(','));
  const visible = visibleFields(recordClass);
  // Without `params=` an empty list means everything; `params=` with nothing behind it names a field that is not there.
  return names.size === 0 || (params !== undefined && names.has('all')) ? visible : visible.filter(({ name }) => names.has(name));
}

/** Labels and values of objects, ready to be printed. */
export async function tableRows(
  targets: readonly Target[],
  fields: readonly Field[],
  expensive: ExpensiveFields = 'placeholder',
): Promise<(readonly TableRow[])[]> {
  const columns = fields.map((field) => ({ field, label: label(field) }));
  const records: (readonly TableRow[])[] = [];
  const stretch = new Stretch();
  for (const target of targets) {
    if (stretch.isLong) await stretch.rest();
    const rows: TableRow[] = [];
    for (const column of columns) {
      const { field } = column;
      const value = field.expensive && expensive === 'placeholder' ? EXPENSIVE : shownValue(field, target);
      rows.push([column.label, typeof value === 'string' ? value : await value]);
    }
    records.push(rows);
  }
  return records;
}

/** The printed value of a field. */
export function shownValue(field: Field, target: Target): Soon<string> {
  try {
    const value = field.show(target);
    return typeof value === 'string' ? value : value.catch(vanished);
  } catch (thrown) {
    return vanished(thrown);
  }
}

function vanished(thrown: unknown): string {
  if (thrown instanceof ApiError && thrown.code === 'HANDLE_INVALID') return VANISHED;
  throw thrown;
}
