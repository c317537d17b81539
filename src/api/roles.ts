import { endpoints } from '../../schema/endpoints.js';
import { extraPermissions, roleSets, staticRoles } from '../../schema/roles.js';
import { ApiError } from '../model/error.js';
import { type MessageModel, messageModels } from '../model/message-model.js';

/** Name of a static role. */
export type RoleName = (typeof staticRoles)[number]['name'];

/** Roles as bits, so that a check is one operation. */
export type RoleMask = number;

const bits = new Map<string, RoleMask>(staticRoles.map((role, i) => [role.name, 1 << i]));

/** The bits of some roles; names that are no role count for nothing. */
export function maskOfRoles(names: Iterable<string>): RoleMask {
  let mask = 0;
  for (const name of names) mask |= bits.get(name) ?? 0;
  return mask;
}

const setMasks = new Map<string, RoleMask>(Object.entries(roleSets).map(([name, roles]) => [name, maskOfRoles(roles)]));

/** The bits of a role set of the schema. */
export function maskOfSet(name: string): RoleMask {
  const mask = setMasks.get(name);
  if (mask === undefined) throw new Error(`no role set ${name}`);
  return mask;
}

/** A right: its name in lower case, as role records and errors show it, and the roles that have it. */
export interface Permission {
  readonly name: string;
  readonly mask: RoleMask;
}

function permission(name: string, set: string): Permission {
  return { name: name.toLowerCase(), mask: maskOfSet(set) };
}

function* messagePermissions(message: MessageModel): Generator<Permission> {
  yield permission(message.fullName, message.roles);
  for (const [key, set] of Object.entries(message.keyRoles ?? {})) yield permission(`${message.fullName}/key:${key}`, set);
}

/** Every permission there is: of messages, of map keys, of HTTP paths. */
export const permissions: ReadonlyMap<string, Permission> = new Map(
  [
    ...messageModels.flatMap((m) => [...messagePermissions(m)]),
    ...endpoints.map((e) => permission(`http/${e.name}`, e.roles)),
    ...endpoints.flatMap((e) => (e.sub ?? []).map(([name, set]) => permission(`http/${e.name}/${name}`, set))),
    ...Object.entries(extraPermissions).map(([name, set]) => permission(name, set)),
  ].map((p) => [p.name, p]),
);

/**
 * The permission that a call of a message needs. Where the map key of an accessor has a right of its own, that one is
 * needed instead of the message's; a trailing `*` in its name stands for any rest.
 */
export function permissionOf(message: MessageModel, args: readonly unknown[]): Permission {
  const plain = permissions.get(message.fullName.toLowerCase());
  if (!plain) throw new Error(`no permission for ${message.fullName}`);
  if (!message.keyRoles) return plain;
  const key = args[1];
  if (typeof key !== 'string') return plain;
  for (const [pattern, set] of Object.entries(message.keyRoles)) {
    const fits = pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;
    if (fits) return permission(`${message.fullName}/key:${pattern}`, set);
  }
  return plain;
}

const namesOf = new Map<RoleMask, readonly string[]>();

/** Names of everything that roles permit. One list for each mix of roles, since every session's record holds it. */
export function permissionNames(roles: RoleMask): readonly string[] {
  let names = namesOf.get(roles);
  if (!names) {
    names = [...permissions.values()].filter(({ mask }) => mask & roles).map(({ name }) => name);
    namesOf.set(roles, names);
  }
  return names;
}

/** Throws RBAC_PERMISSION_DENIED unless one of the session's roles has the permission. */
export function checkPermission(roles: RoleMask, { name, mask }: Permission): void {
  if (roles & mask) return;
  const holders = staticRoles.filter((role) => mask & (bits.get(role.name) ?? 0)).map((role) => role.name);
  throw new ApiError(
    'RBAC_PERMISSION_DENIED',
    name,
    `No role of this session has the permission. Roles that have it: ${holders.join(', ')}`,
  );
}
