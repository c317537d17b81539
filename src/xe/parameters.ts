import { MissingParameter } from './failure.js';
import { parseBoolean } from './values.js';

/** One parameter of a command line. `--name` has the value `true`, a word without `=` the empty one. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** Parameters that say how a command runs, and never what it is about. */
export const STANDARD_PARAMETERS: ReadonlySet<string> = new Set([
  'server',
  'password',
  'port',
  'username',
  'minimal',
  'force',
  'multiple',
  'all',
  'message-priority',
  'trace',
]);

/** The parameters of a command line, in their order. Of several with one name the first counts. */
export class Parameters {
  readonly list: readonly Parameter[];

  constructor(list: readonly Parameter[]) {
    this.list = list;
  }

  has(name: string): boolean {
    return this.list.some((parameter) => parameter.name === name);
  }

  find(name: string): string | undefined {
    return this.list.find((parameter) => parameter.name === name)?.value;
  }

  /** The value, or the given one when the parameter is not there. */
  text(name: string, initial: string): string {
    return this.find(name) ?? initial;
  }

  /** Throws MissingParameter. */
  required(name: string): string {
    const value = this.find(name);
    if (value === undefined) throw new MissingParameter(name);
    return value;
  }

  /** A yes-or-no parameter: true, t, yes, y, 1, false, f, no, n, 0 in any case. Throws CommandFailure on any other word. */
  boolean(name: string, initial = false): boolean {
    const value = this.find(name);
    return value === undefined ? initial : parseBoolean(name, value);
  }

  /** Every value of a parameter that may be repeated. */
  all(name: string): readonly string[] {
    return this.list.filter((parameter) => parameter.name === name).map(({ value }) => value);
  }

  /** The parts of a value that is split at commas; none for a parameter that is not there or empty. */
  commas(name: string): readonly string[] {
    const value = this.find(name);
    return value === undefined || value === '' ? [] : value.split(',');
  }

  /**
   * What is given as `prefix:key=value`. The original cuts the prefix off by its length, so `prefix-key=value`, the old
   * spelling, is the same.
   */
  map(prefix: string): Map<string, string> {
    const entries = new Map<string, string>();
    for (const { name, value } of this.list) {
      if (!name.startsWith(`${prefix}:`) && !name.startsWith(`${prefix}-`)) continue;
      const key = name.slice(prefix.length + 1);
      if (!entries.has(key)) entries.set(key, value);
    }
    return entries;
  }
}
