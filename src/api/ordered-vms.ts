import type { Database } from '../db/database.js';
import type { Ref } from '../model/ref.js';

/** VMs in groups of equal start order, the lowest first: those of a group go together, groups one after the other. */
export function byOrder(db: Database, vms: Iterable<Ref<'VM'>>): Ref<'VM'>[][] {
  const groups = new Map<number, Ref<'VM'>[]>();
  for (const vm of vms) {
    const { order } = db.get('VM', vm);
    groups.set(order, [...(groups.get(order) ?? []), vm]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
