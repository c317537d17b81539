import { createHash } from 'node:crypto';
import { staticRoles } from '../../../schema/roles.js';
import type { Database } from '../../db/database.js';
import { initialValue } from '../../model/class-model.js';
import { RecordVersion } from '../../model/record.js';
import { asRef, type Ref } from '../../model/ref.js';
import { parseType } from '../../model/type-syntax.js';
import type { Fields } from '../../model/types.js';
import { maskOfRoles, permissions } from '../roles.js';

const NO_SUBROLES = initialValue(parseType('set(ref role)')) as readonly Ref<'role'>[];

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'pool-admin': 'May do everything, managing the users and their roles included',
  'pool-operator': 'Manages hosts, storage, networks and the pool, but no users',
  'vm-power-admin': 'Makes and manages VMs, chooses hosts for them, and sees to memory images and templates',
  'vm-admin': 'Makes and manages VMs, but does not move them between hosts',
  'vm-operator': 'Starts and stops VMs, uses their consoles and changes media',
  'client-cert': 'For programs that log in with a certificate',
  'read-only': 'Sees everything and changes nothing',
};

/** The order in which the original lists the roles; clients that take the first answer of a set see the same one. */
const LISTED = ['vm-power-admin', 'vm-admin', 'vm-operator', 'read-only', 'client-cert', 'pool-admin', 'pool-operator'] as const;

/** A permission has the same uuid in every pool: one that follows from its name. */
function permissionUuid(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function roleRef(uuid: string): Ref<'role'> {
  return asRef(`OpaqueRef:${uuid}`);
}

function* roleFields(): Generator<Fields<'role'>> {
  const known = [...permissions.values()].map(({ name, mask }) => ({ name, mask, uuid: permissionUuid(name) }));
  for (const { name, uuid } of known)
    yield { uuid, name_label: name, name_description: '', subroles: NO_SUBROLES, is_internal: true };
  const listed = [...staticRoles].sort((a, b) => LISTED.indexOf(a.name) - LISTED.indexOf(b.name));
  for (const { name, uuid, internal } of listed) {
    const bit = maskOfRoles([name]);
    const subroles = known.filter(({ mask }) => mask & bit).map((permission) => roleRef(permission.uuid));
    yield { uuid, name_label: name, name_description: DESCRIPTIONS[name] ?? '', subroles, is_internal: internal };
  }
}

/**
 * Puts the seven roles and all permissions, which are roles too, into the database. They follow from the schema and
 * nothing can change them, so they are put into the table as they are at each start: no transaction, nothing to be
 * written to disk, no relation to be followed (the model's only relation of roles leads from this table into itself).
 * Called after the database was opened and before anybody listens to it.
 */
export function loadRoles(db: Database): void {
  const table = db.table('role');
  for (const ref of [...table.rows.keys()]) {
    const row = table.rows.get(ref);
    if (row) table.withdraw(row);
  }
  for (const fields of roleFields())
    table.insert({
      ref: roleRef(fields.uuid),
      version: new RecordVersion('role', fields) as unknown as RecordVersion,
      created: db.generation,
      modified: db.generation,
      older: undefined,
      newer: undefined,
    });
}
