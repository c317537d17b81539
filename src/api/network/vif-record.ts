import type { Database, Patch } from '../../db/database.js';
import type { Ref } from '../../model/ref.js';

/** Makes the record of a VIF with the one for its measurements, which clients follow though it holds nothing any more. */
export function recordVif(db: Database, fields: Patch<'VIF'>): Ref<'VIF'> {
  return db.transaction(() => db.create('VIF', { ...fields, metrics: db.create('VIF_metrics', {}) }));
}

/** Removes the record of a VIF with the one for its measurements, and proxies that served it. */
export function removeVifRecord(db: Database, vif: string): void {
  db.transaction(() => {
    const { metrics } = db.get('VIF', vif);
    removeProxies(db, vif);
    db.destroy('VIF', vif);
    if (db.exists('VIF_metrics', metrics)) db.destroy('VIF_metrics', metrics);
  });
}

/** Removes the proxies that serve a VIF. */
export function removeProxies(db: Database, vif: string): void {
  for (const [proxy] of db.filter('PVS_proxy', (fields) => fields.VIF === vif)) db.destroy('PVS_proxy', proxy);
}
