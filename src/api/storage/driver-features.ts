import type { Database } from '../../db/database.js';

const NONE: ReadonlyMap<string, number> = new Map();

/** Features of the driver that serves a type of SR; none for a type that has no driver. */
export function driverFeatures(db: Database, type: string): ReadonlyMap<string, number> {
  for (const [, driver] of db.all('SM')) if (driver.type === type) return driver.features;
  return NONE;
}
