import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../files/atomic-write.js';
import { FileLock, FileLockedError } from '../files/file-lock.js';
import { AccountError, accountRoles } from './account.js';
import { isPasswordHash } from './password-hash.js';

/** Version of the file's format. */
const FORMAT = 1;

/** How long another process may hold the file, in milliseconds: it does for as long as one small write takes. */
const LOCK_PATIENCE = 5000;

/** Accounts in one file: far more than a pool has, few enough to keep in memory and to write in one go. */
const MAX_ACCOUNTS = 10_000;

const passwordHash = z.string().refine(isPasswordHash, 'is not a password hash');

const storedAccount = z.strictObject({
  name: z.string(),
  subject: z.strictObject({ uuid: z.uuid(), identifier: z.string().min(1) }),
  roles: z.array(z.enum(accountRoles)),
  /** Null when only PAM knows the password. */
  hash: passwordHash.nullable(),
});

const content = z.strictObject({
  format: z.literal(FORMAT),
  /** Hash of the superuser's password; null until it is set. */
  root: passwordHash.nullable(),
  accounts: z.array(storedAccount).max(MAX_ACCOUNTS),
});

export type StoredAccount = Readonly<z.infer<typeof storedAccount>>;
export type AccountsContent = Readonly<z.infer<typeof content>>;

/** One state of the file: its stamp tells whether it has changed since. */
export interface AccountsState {
  readonly stamp: string;
  readonly content: AccountsContent;
}

const nothing: AccountsState = { stamp: 'absent', content: { format: FORMAT, root: null, accounts: [] } };

/** The file that the daemon and the command line share. Both may write at any time; neither sees half a write. */
export class AccountsFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** What the file holds. Rejects with AccountError that says what is wrong with it. */
  async read(): Promise<AccountsState> {
    const stamp = await this.stamp();
    if (stamp === nothing.stamp) return nothing;
    const text = await readFile(this.path, 'utf8');
    return { stamp, content: this.#parse(text) };
  }

  /** Changes whenever the file does; costs one look at the directory. */
  async stamp(): Promise<string> {
    try {
      const { ino, size, mtimeNs } = await stat(this.path, { bigint: true });
      return `${ino} ${size} ${mtimeNs}`;
    } catch (thrown) {
      if (isMissing(thrown)) return nothing.stamp;
      throw thrown;
    }
  }

  /** Reads, changes and writes while no other process can. What `change` throws is passed on and nothing is written. */
  async update(change: (before: AccountsContent) => AccountsContent): Promise<AccountsState> {
    const lock = await this.#lock();
    try {
      const before = await this.read();
      const after = content.parse(change(before.content));
      await writeFileAtomically(this.path, `${JSON.stringify(after, null, 2)}\n`);
      return await this.read();
    } finally {
      lock.release();
    }
  }

  async #lock(): Promise<FileLock> {
    try {
      return await FileLock.take(`${this.path}.lock`, LOCK_PATIENCE);
    } catch (thrown) {
      if (thrown instanceof FileLockedError)
        throw new AccountError(`${this.path} is being changed by another process: try again`);
      throw thrown;
    }
  }

  #parse(text: string): AccountsContent {
    const wrong = (what: string): AccountError =>
      new AccountError(`${this.path} cannot be used: ${what}; correct it, or move it away to begin without accounts`);
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      throw wrong('it is not JSON');
    }
    const { success, data: parsed, error } = content.safeParse(data);
    if (success) return parsed;
    // Only where and what kind: the messages of the schema never quote the value, which may be a hash.
    throw wrong(
      error.issues
        .map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`)
        .slice(0, 3)
        .join('; '),
    );
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
