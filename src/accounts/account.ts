import { staticRoles } from '../../schema/roles.js';

/** Roles that an account can have. `client-cert` belongs to certificates, never to people. */
export const accountRoles = staticRoles.map(({ name }) => name).filter((name) => name !== 'client-cert');
export type AccountRole = Exclude<(typeof staticRoles)[number]['name'], 'client-cert'>;

/** The local superuser: it has a password, but no subject and no roles, because roles do not bind it. */
export const SUPERUSER = 'root';

/** Who an account is to the API: what its `subject` object carries. */
export interface AccountSubject {
  readonly uuid: string;
  /** `subject_identifier`, and `auth_user_sid` of the account's sessions. Never given to another account. */
  readonly identifier: string;
}

/** Somebody who can log in. */
export interface Account {
  readonly name: string;
  readonly superuser: boolean;
  /** Absent for the superuser, and for a user whom only PAM knows. */
  readonly subject?: AccountSubject;
  /** In the order of the schema, highest first. Empty for the superuser, and for a user whom only PAM knows. */
  readonly roles: readonly AccountRole[];
}

/** An account operation that cannot be done. The message is for whoever asked for it. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
}

/** Length of a password, in characters: long enough for any passphrase, short enough to hash. */
export const MAX_PASSWORD_LENGTH = 1024;

/** Letters, digits and what directories use in names (`user@domain`, `DOMAIN\user`); nothing that a log or a list could misread. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._@\\+-]{0,127}$/u;

/** Throws AccountError unless text can be the name of an account. */
export function checkName(name: string): void {
  if (!NAME.test(name))
    throw new AccountError(`"${name.slice(0, 128)}" is not a user name: letters, digits and ._@\\+- up to 128 characters`);
}

/** Throws AccountError unless text can be a password. */
export function checkPassword(password: string): void {
  if (password === '') throw new AccountError('the password is empty');
  if (password.length > MAX_PASSWORD_LENGTH)
    throw new AccountError(`the password is longer than ${MAX_PASSWORD_LENGTH} characters`);
  if (password.includes('\0')) throw new AccountError('the password holds a NUL character');
}

/** Text as a role. Throws AccountError that names the roles there are. */
export function toAccountRole(text: string): AccountRole {
  const role = accountRoles.find((name) => name === text);
  if (role === undefined) throw new AccountError(`there is no role "${text.slice(0, 128)}": one of ${accountRoles.join(', ')}`);
  return role;
}
