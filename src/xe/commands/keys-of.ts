import type { TableRow } from '../printer.js';

/** The entries of a map under some keys, in the order of the keys; those that it does not have are left out. */
export function keysOf(map: ReadonlyMap<string, string>, keys: readonly string[]): TableRow[] {
  return keys.flatMap((key) => {
    const value = map.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
}
