import { join } from 'node:path';
import { MemoryStore } from './memory-store.js';
import { SqliteStore } from './sqlite/sqlite-store.js';
import type { Store } from './store.js';

/** Kinds of stores, by the names that the configuration has for them. */
export const storeNames = ['sqlite', 'memory'] as const;
export type StoreName = (typeof storeNames)[number];

/** Where the database of a data directory is. */
export function databasePath(dataDir: string): string {
  return join(dataDir, 'state.db');
}

/** Opens the store of a data directory, which must exist. Rejects with StoreError. */
export async function openStore(name: StoreName, dataDir: string): Promise<Store> {
  return name === 'sqlite' ? SqliteStore.open(databasePath(dataDir)) : new MemoryStore();
}
