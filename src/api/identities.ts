import type { Ref } from '../model/ref.js';
import type { RoleMask } from './roles.js';

/** Somebody whose password was right. */
export interface Identity {
  readonly userName: string;
  /** Root: no role is checked. */
  readonly superuser: boolean;
  readonly userSid: string;
  readonly subject: Ref<'subject'>;
  readonly roles: RoleMask;
  /** Names of all permissions, as the session's record shows them. */
  readonly permissions: readonly string[];
}

/** Knows who may log in. */
export interface Identities {
  /**
   * Checks a name and a password. Throws SESSION_AUTHENTICATION_FAILED when they do not fit,
   * SESSION_AUTHORIZATION_FAILED for a known user without rights, RBAC_PERMISSION_DENIED for one without a role.
   */
  verify(userName: string, password: string, address: string): Promise<Identity>;
  /** Changes a user's own password after checking the old one. */
  changePassword(userName: string, oldPassword: string, newPassword: string): Promise<void>;
  /** Hears that a client has given a subject other roles, so that they last. `roles` by name. */
  rolesChanged(subjectUuid: string, roles: readonly string[]): Promise<void>;
  /** Hears that a client has removed a subject: whoever it stood for may not come back by logging in. */
  subjectRemoved(subjectUuid: string): Promise<void>;
}
