import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';

/** Maps of a VM whose accessors are messages of their own. */
export type MapField = 'other_config' | 'platform' | 'NVRAM' | 'blocked_operations';

type TextMap = ReadonlyMap<string, string>;

/** Adds an entry. Throws MAP_DUPLICATE_KEY where the key is there. */
export function addEntry(db: Database, self: string, field: MapField, key: string, value: string): void {
  checkKey(key);
  const map: TextMap = db.get('VM', self)[field];
  if (map.has(key)) throw new ApiError('MAP_DUPLICATE_KEY', 'VM', field, self, key);
  db.set('VM', self, { [field]: new Map([...map, [key, value]]) });
}

/** Takes an entry away; a key that is not there is ignored. */
export function removeEntry(db: Database, self: string, field: MapField, key: string): void {
  const map: TextMap = db.get('VM', self)[field];
  if (map.has(key)) db.set('VM', self, { [field]: new Map([...map].filter(([k]) => k !== key)) });
}

/** Replaces the whole map. */
export function setEntries(db: Database, self: string, field: MapField, value: TextMap): void {
  for (const key of value.keys()) checkKey(key);
  db.set('VM', self, { [field]: value });
}

function checkKey(key: string): void {
  if (key === '') throw new ApiError('INTERNAL_ERROR', 'a map key may not be empty');
}
