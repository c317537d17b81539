import type { Database } from '../../db/database.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { ClassBehaviour } from '../behaviour.js';

/** Every permission below a role, with its reference. A permission is a role that has none below it, and is its own. */
function permissionsOf(db: Database, role: Ref<'role'>): Map<Ref<'role'>, Fields<'role'>> {
  const found = new Map<Ref<'role'>, Fields<'role'>>();
  const seen = new Set<string>();
  const todo = [role];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const fields = db.get('role', next);
    if (fields.subroles.length) todo.push(...fields.subroles);
    else found.set(next, fields);
  }
  return found;
}

/** Order in which the original lists its roles. A set has none, but whoever compares two lists by position gets along with this one. */
const ORDER = ['vm-power-admin', 'vm-admin', 'vm-operator', 'read-only', 'client-cert', 'pool-admin', 'pool-operator'];

/** Roles, not permissions, among whose permissions one fits. */
function rolesWith(db: Database, fits: (ref: Ref<'role'>, permission: Fields<'role'>) => boolean): Ref<'role'>[] {
  return db
    .filter('role', (role) => role.subroles.length > 0)
    .sort(([, a], [, b]) => ORDER.indexOf(a.name_label) - ORDER.indexOf(b.name_label))
    .map(([ref]) => ref)
    .filter((ref) => [...permissionsOf(db, ref)].some(([permission, fields]) => fits(permission, fields)));
}

/** What users may do. The roles are the product's own; clients only read them. */
export const role: ClassBehaviour<'role'> = {
  messages: {
    get_permissions: ({ api }, self) => [...permissionsOf(api.db, self).keys()],
    get_permissions_name_label: ({ api }, self) => [...permissionsOf(api.db, self).values()].map((p) => p.name_label),
    get_by_permission: ({ api }, permission) => {
      api.db.get('role', permission);
      return rolesWith(api.db, (ref) => ref === permission);
    },
    get_by_permission_name_label: ({ api }, label) => rolesWith(api.db, (_ref, fields) => fields.name_label === label),
  },
};
