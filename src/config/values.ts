import { z } from 'zod';

/** What an offending value is shown as: never more of it than a line can hold. */
const MAX_SHOWN = 80;

/** A schema for values that come as text (flags, environment) or as what YAML made of it. `parse` gives undefined for what it refuses. */
export function parsed<T>(expected: string, parse: (raw: unknown) => T | undefined) {
  return z.unknown().transform((raw, context): T => {
    const value = parse(raw);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `expected ${expected}, got ${show(raw)}` });
    return z.NEVER;
  });
}

/** A whole number within limits, both included. */
export function wholeNumber(least: number, most: number) {
  return parsed(`a whole number from ${least} to ${most}`, (raw) => toWholeNumber(raw, least, most));
}

/** One of some words. */
export function oneOf<const T extends string>(words: readonly T[]) {
  return parsed(words.length === 1 ? words.join() : `one of ${words.join(', ')}`, (raw) => words.find((word) => word === raw));
}

/** Text that is not empty and has no control characters. */
export function text(expected: string, most = 4096) {
  return parsed(expected, (raw) => (typeof raw === 'string' && isPlain(raw) && raw.length <= most ? raw : undefined));
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

/** Bytes: `512MiB`, `4GiB`, or a plain number of bytes. */
export function byteSize(least: number, most: number) {
  return parsed(`a size from ${showSize(least)} to ${showSize(most)}, such as 512MiB or 4GiB`, (raw) => {
    const [, digits, unit = ''] = /^(\d{1,15})([KMGT]iB|B)?$/.exec(String(raw)) ?? [];
    return digits === undefined ? undefined : toWholeNumber(Number(digits) * (UNITS.get(unit) ?? Number.NaN), least, most);
  });
}

/** Milliseconds: `250ms`, `2s`, `5min`, or a plain number of milliseconds. */
export function duration(mostMilliseconds: number) {
  const units: ReadonlyMap<string, number> = new Map([
    ['ms', 1],
    ['s', 1000],
    ['min', 60_000],
    ['h', 3_600_000],
  ]);
  return parsed(`a time up to ${mostMilliseconds / 1000} s, such as 250ms or 2s`, (raw) => {
    const [, digits, unit = 'ms'] = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|min|h)?$/.exec(String(raw)) ?? [];
    const milliseconds = Math.round(Number(digits) * (units.get(unit) ?? Number.NaN));
    return digits === undefined || milliseconds > mostMilliseconds ? undefined : milliseconds;
  });
}

/** A number of bytes with the largest unit that keeps it whole. */
export function showSize(bytes: number): string {
  const unit = [...UNITS].reverse().find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit === undefined ? `${bytes}` : `${bytes / unit[1]}${unit[0]}`;
}

/** A value as part of an error message. */
export function show(raw: unknown): string {
  const shown = JSON.stringify(raw) ?? String(raw);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}

function toWholeNumber(raw: unknown, least: number, most: number): number | undefined {
  const value = typeof raw === 'string' && /^\d{1,16}$/.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined;
}

function isPlain(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return value !== '' && !/[\u0000-\u001f\u007f]/.test(value);
}
