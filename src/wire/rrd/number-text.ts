import { floatText } from '../float-text.js';

/** Digits with which measurements go out. */
const DIGITS = 15;

/** A measurement as text: C's `%.15g`, but `0.0` for nothing and the words that clients know for what is no number. */
export function measureText(value: number): string {
  if (value === 0) return '0.0';
  return Number.isFinite(value) ? floatText(value, DIGITS) : String(value);
}
