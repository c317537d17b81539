import { ApiError } from '../../../model/error.js';
import type { EnumValue } from '../../../model/types.js';

/** When a schedule runs, by the keys `min`, `hour` and `days`. */
export type Schedule = ReadonlyMap<string, string>;
export type Frequency = EnumValue<'vmss_frequency'>;

const MINUTES = ['0', '15', '30', '45'];
/** In the order of Date.getDay. */
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Keys of a schedule with their value where none is given, by how often it runs. */
const KEYS: { readonly [F in Frequency]: Schedule } = {
  hourly: new Map([['min', '0']]),
  daily: new Map([
    ['hour', '0'],
    ['min', '0'],
  ]),
  weekly: new Map([
    ['hour', '0'],
    ['min', '0'],
    ['days', 'Monday'],
  ]),
};

/** The entries in their proper spelling. Throws INVALID_VALUE `schedule:KEY` for the first that no schedule can have. */
export function checkEntries(schedule: Schedule, keys: Iterable<string> = KEYS.weekly.keys()): Map<string, string> {
  const known = new Set(keys);
  const checked = new Map<string, string>();
  for (const [key, value] of schedule) {
    if (!known.has(key)) throw invalid(key, value);
    checked.set(key, checkValue(key, value));
  }
  return checked;
}

/** A schedule as it must be for a new object: no foreign keys, all of its own. Throws INVALID_VALUE. */
export function checkNew(frequency: Frequency, schedule: Schedule): Map<string, string> {
  return complete(frequency, checkEntries(schedule, KEYS[frequency].keys()));
}

/** What becomes of a schedule when it is to run at another frequency: foreign keys go, missing ones come. */
export function complete(frequency: Frequency, schedule: Schedule): Map<string, string> {
  const full = new Map<string, string>();
  for (const [key, standard] of KEYS[frequency]) full.set(key, schedule.get(key) ?? standard);
  return checkEntries(full);
}

/** Whether a schedule runs in the quarter of an hour in which a moment lies, by the clock of this machine. */
export function isDue(frequency: Frequency, schedule: Schedule, when: Date): boolean {
  const full = complete(frequency, schedule);
  const quarter = Math.floor(when.getMinutes() / 15) * 15;
  if (Number(full.get('min')) !== quarter) return false;
  if (frequency === 'hourly') return true;
  if (Number(full.get('hour')) !== when.getHours()) return false;
  return frequency === 'daily' || (full.get('days') ?? '').split(',').includes(DAYS[when.getDay()] ?? '');
}

function invalid(key: string, value: string): ApiError {
  return new ApiError('INVALID_VALUE', `schedule:${key}`, value);
}

function checkValue(key: string, value: string): string {
  if (key === 'days') return checkDays(value);
  if (key === 'min') return oneOf(key, value, MINUTES);
  if (!/^\d{1,2}$/.test(value) || Number(value) > 23) throw invalid(key, value);
  return value;
}

function oneOf(key: string, value: string, values: readonly string[]): string {
  const found = values.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw invalid(key, value);
  return found;
}

function checkDays(value: string): string {
  const days = value.split(',').map((day) => oneOf('days', day, DAYS));
  if (new Set(days).size !== days.length) throw invalid('days', value);
  return days.join(',');
}
