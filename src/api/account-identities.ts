import { type Account, accountRoles } from '../accounts/account.js';
import type { Accounts } from '../accounts/accounts.js';
import type { Authenticator } from '../accounts/authenticator.js';
import { OverloadedError } from '../accounts/limiter.js';
import { LoginThrottle } from '../accounts/login-throttle.js';
import type { Database } from '../db/database.js';
import { ApiError } from '../model/error.js';
import { NULL_REF, type Ref } from '../model/ref.js';
import type { Identities, Identity } from './identities.js';
import { maskOfRoles, permissionNames } from './roles.js';
import type { Sessions } from './sessions.js';

/** Marks subjects that stand for an account, so that one that a client made by itself is never taken for one. */
const ACCOUNT_KEY = 'xenapi-gateway-account';

/**
 * Identities from the daemon's own accounts: every account is a subject with its roles, so that every role can log in
 * without a directory. The account says who may log in, the subject what they may do.
 */
export class AccountIdentities implements Identities {
  readonly #db: Database;
  readonly #accounts: Accounts;
  readonly #passwords: Authenticator;
  readonly #throttle = new LoginThrottle();

  /** `passwords` checks names and passwords; it is the accounts themselves, or PAM. */
  constructor(db: Database, accounts: Accounts, passwords: Authenticator) {
    this.#db = db;
    this.#accounts = accounts;
    this.#passwords = passwords;
  }

  /**
   * Brings the subjects in line with the accounts, and with them the sessions that live: those of a removed account end,
   * those of one with other roles have these from their next call on. Called at start and whenever the accounts change.
   */
  synchronise(accounts: readonly Account[], sessions?: Pick<Sessions, 'endOf' | 'setRoles'>): void {
    const gone: Ref<'subject'>[] = [];
    const changed: [Ref<'subject'>, Account][] = [];
    this.#db.transaction(() => {
      const wanted = new Map(accounts.flatMap((account) => (account.subject ? [[account.subject.uuid, account] as const] : [])));
      for (const [ref, subject] of this.#db.filter('subject', (s) => s.other_config.has(ACCOUNT_KEY))) {
        const account = wanted.get(subject.uuid);
        wanted.delete(subject.uuid);
        if (!account) {
          this.#db.destroy('subject', ref);
          gone.push(ref);
        } else if (!sameMembers(this.#roleNames(subject.roles), account.roles)) {
          this.#db.set('subject', ref, { roles: this.#roleRefs(account.roles) });
          changed.push([ref, account]);
        }
      }
      for (const account of wanted.values()) this.#createSubject(account);
    });
    for (const ref of gone) sessions?.endOf(ref);
    for (const [ref, { roles }] of changed) sessions?.setRoles(ref, maskOfRoles(roles));
  }

  async verify(userName: string, password: string, address: string): Promise<Identity> {
    const account = await this.#check(userName, password, address);
    if (account.superuser) return { userName, superuser: true, userSid: '', subject: NULL_REF, roles: 0, permissions: [] };
    const subject = account.subject && this.#db.table('subject').refsByUuid.get(account.subject.uuid);
    if (!account.subject || subject === undefined)
      throw new ApiError('SESSION_AUTHORIZATION_FAILED', userName, 'this user has no access to the pool');
    const { roles } = this.#db.get('subject', subject);
    const mask = maskOfRoles(this.#roleNames(roles));
    if (mask === 0) throw new ApiError('RBAC_PERMISSION_DENIED', 'session.login_with_password', 'this user has no role');
    return {
      userName,
      superuser: false,
      userSid: account.subject.identifier,
      subject: subject as Ref<'subject'>,
      roles: mask,
      permissions: permissionNames(mask),
    };
  }

  async changePassword(userName: string, oldPassword: string, newPassword: string): Promise<void> {
    // Passwords of the system are the system's: one that is kept here as well would open nothing.
    if (this.#passwords !== this.#accounts) throw new ApiError('NOT_IMPLEMENTED', 'session.change_password');
    if (!(await this.#accounts.verify(userName, oldPassword)))
      throw new ApiError('SESSION_AUTHENTICATION_FAILED', userName, 'the old password is wrong');
    await this.#accounts.setPassword(userName, newPassword);
  }

  async rolesChanged(subjectUuid: string, roles: readonly string[]): Promise<void> {
    const account = await this.#accountOf(subjectUuid);
    if (account)
      await this.#accounts.setRoles(
        account.name,
        accountRoles.filter((role) => roles.includes(role)),
      );
  }

  async subjectRemoved(subjectUuid: string): Promise<void> {
    const account = await this.#accountOf(subjectUuid);
    if (account) await this.#accounts.remove(account.name);
  }

  async #accountOf(subjectUuid: string): Promise<Account | undefined> {
    return (await this.#accounts.list()).find(({ subject }) => subject?.uuid === subjectUuid);
  }

  async #check(userName: string, password: string, address: string): Promise<Account> {
    try {
      const account = await this.#throttle.attempt(userName, address, () => this.#passwords.verify(userName, password));
      if (account) return account;
    } catch (thrown) {
      if (!(thrown instanceof OverloadedError)) throw thrown;
      throw new ApiError('SESSION_AUTHENTICATION_FAILED', userName, thrown.message);
    }
    throw new ApiError('SESSION_AUTHENTICATION_FAILED', userName, 'the name or the password is wrong');
  }

  #createSubject(account: Account): void {
    if (!account.subject) return;
    this.#db.create('subject', {
      uuid: account.subject.uuid,
      subject_identifier: account.subject.identifier,
      other_config: new Map([
        ['subject-name', account.name],
        ['subject-upn', account.name],
        ['subject-displayname', account.name],
        ['subject-is-group', 'false'],
        [ACCOUNT_KEY, account.name],
      ]),
      roles: this.#roleRefs(account.roles),
    });
  }

  #roleNames(roles: readonly Ref<'role'>[]): string[] {
    return roles.map((role) => this.#db.find('role', role)?.fields.name_label ?? '');
  }

  #roleRefs(names: readonly string[]): Ref<'role'>[] {
    return names.flatMap((name) =>
      this.#db.filter('role', (role) => role.name_label === name && !role.is_internal).map(([ref]) => ref),
    );
  }
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}
