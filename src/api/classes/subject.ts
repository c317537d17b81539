import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { maskOfRoles, permissionNames } from '../roles.js';

function names({ api }: Call, roles: readonly Ref<'role'>[]): string[] {
  return roles.map((role) => api.db.find('role', role)?.fields.name_label ?? '');
}

/** Sessions of a subject whose roles have changed see it at their next call. */
async function setRoles(call: Call, self: Ref<'subject'>, roles: readonly Ref<'role'>[]): Promise<void> {
  const { db, sessions, identities } = call.api;
  const before = db.get('subject', self);
  const apply = (now: readonly Ref<'role'>[]): void => {
    db.set('subject', self, { roles: now });
    sessions.setRoles(self, maskOfRoles(names(call, now)));
  };
  apply(roles);
  try {
    await identities.rolesChanged(before.uuid, names(call, roles));
  } catch (thrown) {
    if (db.exists('subject', self)) apply(before.roles);
    throw thrown;
  }
}

/** Users and groups that have access, and their roles. */
export const subject: ClassBehaviour<'subject'> = {
  create: ({ api }, args) => {
    const { subject_identifier: identifier } = args;
    if (api.db.filter('subject', (s) => s.subject_identifier === identifier).length) throw new ApiError('SUBJECT_ALREADY_EXISTS');
    return api.db.create('subject', args);
  },
  destroy: async ({ api }, self) => {
    // First what lets somebody in again: should that fail, the subject is still there to be removed once more.
    await api.identities.subjectRemoved(api.db.get('subject', self).uuid);
    if (api.db.exists('subject', self)) api.db.destroy('subject', self);
    api.sessions.endOf(self);
  },
  messages: {
    add_to_roles: (call, self, role) => {
      const { roles } = call.api.db.get('subject', self);
      const record = call.api.db.find('role', role);
      if (!record || record.fields.is_internal || !record.fields.subroles.length) throw new ApiError('ROLE_NOT_FOUND');
      if (roles.includes(role)) throw new ApiError('ROLE_ALREADY_EXISTS');
      return setRoles(call, self, [...roles, role]);
    },
    remove_from_roles: (call, self, role) => {
      const { roles } = call.api.db.get('subject', self);
      if (!roles.includes(role)) throw new ApiError('ROLE_NOT_FOUND');
      return setRoles(
        call,
        self,
        roles.filter((r) => r !== role),
      );
    },
    get_permissions_name_label: (call, self) => permissionNames(maskOfRoles(names(call, call.api.db.get('subject', self).roles))),
  },
};
