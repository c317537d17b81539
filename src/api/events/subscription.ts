import type { Table } from '../../db/table.js';
import { ApiError } from '../../model/error.js';

/** What a client wants to hear of. */
export interface Subscription {
  /** Whether any object of the table can matter. */
  table(table: Table): boolean;
  /** Whether this object matters, in a table that can. */
  object(table: Table, ref: string): boolean;
}

/**
 * Reads subscriptions: `*`, a class in any letter case, or `class/REF` for one object. Classes that do not exist are
 * quietly never heard of, as with the original. Throws EVENT_SUBSCRIPTION_PARSE_FAILURE on other forms.
 */
export function parseSubscription(classes: readonly string[]): Subscription {
  const whole = new Set<string>();
  const single = new Map<string, Set<string>>();
  let everything = false;
  for (const text of classes) {
    if (text === '*') everything = true;
    else if (!text.includes('/')) whole.add(text.toLowerCase());
    else {
      const [name, ref, ...rest] = text.split('/');
      if (!name || !ref || rest.length) throw new ApiError('EVENT_SUBSCRIPTION_PARSE_FAILURE', text);
      const refs = single.get(name.toLowerCase()) ?? new Set<string>();
      single.set(name.toLowerCase(), refs.add(ref));
    }
  }
  const all = (table: Table) => everything || whole.has(table.model.lowerName);
  return {
    table: (table) => table.model.schema.events && (all(table) || single.has(table.model.lowerName)),
    object: (table, ref) => all(table) || (single.get(table.model.lowerName)?.has(ref) ?? false),
  };
}
