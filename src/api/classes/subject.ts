import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { maskOfRoles, permissions } from '../roles.js';

function names({ api }: Call, roles: readonly Ref<'role'>[]): string[] {
  return roles.map((role) => api.db.find('role', role)?.fields.name_label ?? '');
}

/** Sessions of a subject whose roles have changed see it at their next call. */
function setRoles(call: Call, self: Ref<'subject'>, roles: readonly Ref<'role'>[]): void {
  call.api.db.set('subject', self, { roles });
  const mask = maskOfRoles(names(call, roles));
  for (const session of call.api.sessions.list()) if (session.subject === self) session.roles = mask;
}

/** Users and groups that have access, and their roles. */
export const subject: ClassBehaviour<'subject'> = {
  create: ({ api }, args) => {
    const { subject_identifier: identifier } = args;
    if (api.db.filter('subject', (s) => s.subject_identifier === identifier).length) throw new ApiError('SUBJECT_ALREADY_EXISTS');
    return api.db.create('subject', args);
  },
  destroy: ({ api }, self) => {
    api.db.destroy('subject', self);
    for (const session of [...api.sessions.list()]) if (session.subject === self) api.sessions.end(session.ref);
  },
  messages: {
    add_to_roles: (call, self, role) => {
      const { roles } = call.api.db.get('subject', self);
      const record = call.api.db.find('role', role);
      if (!record || record.fields.is_internal || !record.fields.subroles.length) throw new ApiError('ROLE_NOT_FOUND');
      if (roles.includes(role)) throw new ApiError('ROLE_ALREADY_EXISTS');
      setRoles(call, self, [...roles, role]);
    },
    remove_from_roles: (call, self, role) => {
      const { roles } = call.api.db.get('subject', self);
      if (!roles.includes(role)) throw new ApiError('ROLE_NOT_FOUND');
      setRoles(
        call,
        self,
        roles.filter((r) => r !== role),
      );
    },
    get_permissions_name_label: (call, self) => {
      const mask = maskOfRoles(names(call, call.api.db.get('subject', self).roles));
      return [...permissions.values()].filter((p) => p.mask & mask).map((p) => p.name);
    },
  },
};
