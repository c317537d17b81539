import type { Database } from '../../db/database.js';
import type { Fields } from '../../model/types.js';

/** The one pool object's fields, or undefined while there is none. */
export function poolOf(db: Database): Fields<'pool'> | undefined {
  for (const [, pool] of db.all('pool')) return pool;
  return undefined;
}

/** Whether hosts of the pool run different versions while it is upgraded host by host. */
export function rollingUpgrade(db: Database): boolean {
  return poolOf(db)?.other_config.has('rolling_upgrade_in_progress') ?? false;
}

/** Whether the pool is on its way into or out of high availability. */
export function changingHa(db: Database, operation: 'ha_enable' | 'ha_disable'): boolean {
  for (const current of poolOf(db)?.current_operations.values() ?? []) if (current === operation) return true;
  return false;
}
