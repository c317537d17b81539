import { join } from 'node:path';
import { v4 } from 'uuid';
import {
  type Account,
  AccountError,
  type AccountRole,
  accountRoles,
  checkName,
  checkPassword,
  MAX_PASSWORD_LENGTH,
  SUPERUSER,
} from './account.js';
import { type AccountsContent, AccountsFile, type AccountsState, type StoredAccount } from './accounts-file.js';
import type { Authenticator } from './authenticator.js';
import { watchFile } from './file-watch.js';
import { Limiter } from './limiter.js';
import { compareWithNothing, type HashCost, hashPassword, isWeakerThan, passwordMatches, TODAYS_COST } from './password-hash.js';
import { RememberedLogins } from './remembered-logins.js';

/** Slow hashes at a time: each takes one of Node's four threads, and files need the others. */
const CONCURRENT_HASHES = 2;

/** Logins that may wait for a hash: about half a minute of work, longer than clients wait. */
const MAX_WAITING_HASHES = 256;

export interface AccountsOptions {
  /** What a hash costs. Tests take little, because they do not guard anything. */
  readonly cost?: HashCost;
}

/** Where the accounts of a data directory are. */
export function accountsPath(dataDir: string): string {
  return join(dataDir, 'accounts.json');
}

/** Who may log in: the accounts of a data directory, shared with other processes that change them at any time. */
export class Accounts implements Authenticator {
  readonly #file: AccountsFile;
  readonly #cost: HashCost;
  readonly #hashing = new Limiter(CONCURRENT_HASHES, MAX_WAITING_HASHES);
  readonly #remembered = new RememberedLogins();
  readonly #listeners = new Set<(accounts: readonly Account[]) => void>();
  #state: AccountsState;
  #stopWatching: (() => void) | undefined;

  private constructor(file: AccountsFile, state: AccountsState, cost: HashCost) {
    this.#file = file;
    this.#cost = cost;
    this.#state = state;
  }

  /** Opens the accounts of an existing directory. Rejects with AccountError when their file cannot be used. */
  static async open(dataDir: string, { cost = TODAYS_COST }: AccountsOptions = {}): Promise<Accounts> {
    const file = new AccountsFile(accountsPath(dataDir));
    return new Accounts(file, await file.read(), cost);
  }

  /** The accounts without the superuser, by name. */
  async list(): Promise<readonly Account[]> {
    return listOf(await this.#current());
  }

  /** Makes an account. Without a password only PAM lets it in. Rejects with AccountError when there is one of that name. */
  async add(name: string, role: AccountRole, password: string | undefined): Promise<Account> {
    checkName(name);
    if (name === SUPERUSER) throw new AccountError(`${SUPERUSER} is the local superuser and always exists: set its password`);
    const hash = password === undefined ? null : await this.#hash(password);
    const uuid = v4();
    const account: StoredAccount = { name, subject: { uuid, identifier: `u-${uuid}` }, roles: [role], hash };
    await this.#update((before) => {
      if (before.accounts.some((other) => other.name === name)) throw new AccountError(`there is a user ${name} already`);
      return { ...before, accounts: [...before.accounts, account] };
    });
    return toAccount(account);
  }

  /** Removes an account; its name may be given again, its subject is not. */
  async remove(name: string): Promise<void> {
    await this.#update((before) => {
      findIn(before, name);
      return { ...before, accounts: before.accounts.filter((account) => account.name !== name) };
    });
  }

  /** Sets the password of an account, or of the superuser. */
  async setPassword(name: string, password: string): Promise<void> {
    if (name !== SUPERUSER) findIn(await this.#current(), name);
    const hash = await this.#hash(password);
    await this.#update((before) => withHash(before, name, hash));
  }

  /** Replaces the roles of an account. */
  async setRoles(name: string, roles: readonly AccountRole[]): Promise<void> {
    const ordered = accountRoles.filter((role) => roles.includes(role));
    await this.#update((before) => withAccount(before, { ...findIn(before, name), roles: ordered }));
  }

  /** Whether the superuser can log in with a password. */
  async hasRootPassword(): Promise<boolean> {
    return (await this.#current()).root !== null;
  }

  async verify(name: string, password: string): Promise<Account | undefined> {
    const content = await this.#current();
    const stored = content.accounts.find((account) => account.name === name);
    const hash = name === SUPERUSER ? content.root : (stored?.hash ?? null);
    if (password.length > MAX_PASSWORD_LENGTH) return undefined;
    if (hash === null) {
      await this.#hashing.run(() => compareWithNothing(password, this.#cost));
      return undefined;
    }
    if (!(await this.#matches(name, password, hash))) return undefined;
    return stored === undefined ? { name: SUPERUSER, superuser: true, roles: [] } : toAccount(stored);
  }

  /** Calls back with the accounts after they were changed, by this process or another. Returns a function that ends it. */
  onChange(listener: (accounts: readonly Account[]) => void): () => void {
    this.#listeners.add(listener);
    this.#stopWatching ??= watchFile(this.#file.path, () => {
      // A file that cannot be used is reported to whoever logs in or lists next; until then the last good state stands.
      this.#current().catch(() => undefined);
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Stops watching for changes of other processes. */
  close(): void {
    this.#listeners.clear();
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  async #matches(name: string, password: string, hash: string): Promise<boolean> {
    if (this.#remembered.has(name, password, hash)) return true;
    if (!(await this.#hashing.run(() => passwordMatches(password, hash)))) return false;
    this.#remembered.add(name, password, hash);
    if (isWeakerThan(hash, this.#cost)) await this.#strengthen(name, password, hash);
    return true;
  }

  /** Only now is the password known from which a hash of today's cost can be made. */
  async #strengthen(name: string, password: string, old: string): Promise<void> {
    const hash = await this.#hash(password);
    await this.#update((before) => (hashIn(before, name) === old ? withHash(before, name, hash) : before));
  }

  #hash(password: string): Promise<string> {
    checkPassword(password);
    return this.#hashing.run(() => hashPassword(password, this.#cost));
  }

  async #current(): Promise<AccountsContent> {
    if ((await this.#file.stamp()) !== this.#state.stamp) this.#take(await this.#file.read());
    return this.#state.content;
  }

  async #update(change: (before: AccountsContent) => AccountsContent): Promise<void> {
    this.#take(await this.#file.update(change));
  }

  #take(state: AccountsState): void {
    if (state.stamp === this.#state.stamp) return;
    this.#state = state;
    const accounts = listOf(state.content);
    for (const listener of this.#listeners) listener(accounts);
  }
}

function listOf(content: AccountsContent): readonly Account[] {
  return content.accounts.map(toAccount).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toAccount({ name, subject, roles }: StoredAccount): Account {
  return { name, superuser: false, subject, roles };
}

function findIn(content: AccountsContent, name: string): StoredAccount {
  const account = content.accounts.find((candidate) => candidate.name === name);
  if (account === undefined) throw new AccountError(`there is no user ${name.slice(0, 128)}`);
  return account;
}

function hashIn(content: AccountsContent, name: string): string | null {
  return name === SUPERUSER ? content.root : (content.accounts.find((account) => account.name === name)?.hash ?? null);
}

function withHash(content: AccountsContent, name: string, hash: string): AccountsContent {
  return name === SUPERUSER ? { ...content, root: hash } : withAccount(content, { ...findIn(content, name), hash });
}

function withAccount(content: AccountsContent, changed: StoredAccount): AccountsContent {
  return { ...content, accounts: content.accounts.map((account) => (account.name === changed.name ? changed : account)) };
}
