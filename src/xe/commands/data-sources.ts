import type { RecordVersion } from '../../model/record.js';
import type { TableRow } from '../printer.js';
import { fixed } from '../records/values/float-text.js';

/** Digits after the point of a bound, and of a measured value. */
const BOUND_DIGITS = 3;
const VALUE_DIGITS = 6;

/** A data source as a table shows it. */
export function dataSourceRows({ fields }: RecordVersion<'data_source'>): TableRow[] {
  return [
    ['name_label', fields.name_label],
    ['name_description', fields.name_description],
    ['enabled', String(fields.enabled)],
    ['standard', String(fields.standard)],
    ['min', fixed(fields.min, BOUND_DIGITS)],
    ['max', fixed(fields.max, BOUND_DIGITS)],
    ['units', fields.units],
  ];
}

/** A measured value as a query prints it. */
export function dataSourceValue(value: number): string {
  return fixed(value, VALUE_DIGITS);
}
