import { maskByKey, maskText } from './mask.js';

/** Characters of all values in one line: enough for a stack, little enough for any collector of logs. */
const MAX_CHARACTERS = 8192;

/** Characters of one value. */
const MAX_TEXT = 4096;

/** Members of one list or map, and how deep they nest. */
const MAX_MEMBERS = 50;
const MAX_DEPTH = 5;

/** What is left of a line's characters. */
interface Budget {
  characters: number;
}

/** Fields of a log line, bounded in length and without secrets. */
export function toLogFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return toMap(Object.entries(fields), MAX_DEPTH, { characters: MAX_CHARACTERS });
}

/** Text of a log line, bounded and without secrets. */
export function toLogText(text: string): string {
  return cut(maskText(text.slice(0, 2 * MAX_TEXT)), MAX_TEXT);
}

function toValue(value: unknown, depth: number, budget: Budget): unknown {
  switch (typeof value) {
    case 'string':
      return spend(toLogText(value), budget);
    case 'number':
    case 'boolean':
    case 'undefined':
      return spend(value, budget);
    case 'object':
      return value === null ? null : toMembers(value, depth, budget);
    default:
      return spend(toLogText(String(value)), budget);
  }
}

function toMembers(value: object, depth: number, budget: Budget): unknown {
  if (depth === 0) return '…';
  if (value instanceof Error) return toMap(errorFields(value), depth, budget);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (value instanceof Date) return spend(value.toJSON(), budget);
  if (value instanceof Map)
    return toMap(
      [...value].map(([key, member]) => [String(key), member]),
      depth,
      budget,
    );
  if (Array.isArray(value) || value instanceof Set) return toList([...value], depth, budget);
  return toMap(Object.entries(value), depth, budget);
}

/** What an error of the API repeats: its parameters are part of its message, where a session among them is masked. */
const REPEATED = new Set(['name', 'cause', 'params']);

/** An error has its message and stack where `Object.entries` does not look. */
function errorFields(error: Error): [string, unknown][] {
  const own = Object.entries(error).filter(([key]) => !REPEATED.has(key));
  return [['type', error.name], ['message', error.message], ...own, ['stack', error.stack], ...causeOf(error)];
}

function causeOf(error: Error): [string, unknown][] {
  return error.cause === undefined ? [] : [['cause', error.cause]];
}

function toList(members: readonly unknown[], depth: number, budget: Budget): unknown[] {
  const shown = members.slice(0, MAX_MEMBERS).map((member) => (budget.characters > 0 ? toValue(member, depth - 1, budget) : '…'));
  return members.length > MAX_MEMBERS ? [...shown, `… ${members.length - MAX_MEMBERS} more`] : shown;
}

function toMap(entries: readonly (readonly [string, unknown])[], depth: number, budget: Budget): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of entries.slice(0, MAX_MEMBERS)) {
    if (budget.characters <= 0) break;
    budget.characters -= key.length;
    shown[cut(key, MAX_TEXT)] = maskByKey(key, value) ?? toValue(value, depth - 1, budget);
  }
  if (Object.keys(shown).length < entries.length) shown['…'] = 'more was cut off';
  return shown;
}

function spend<T>(value: T, budget: Budget): T | string {
  const length = String(value).length;
  const fits = length <= budget.characters;
  const shown = fits ? value : cut(String(value), Math.max(budget.characters, 0));
  budget.characters -= length;
  return shown;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
