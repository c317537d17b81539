import { fork } from 'node:child_process';
import { type Account, checkName, MAX_PASSWORD_LENGTH, SUPERUSER } from './account.js';
import type { Accounts } from './accounts.js';
import type { Authenticator } from './authenticator.js';
import { Limiter } from './limiter.js';
import type { PamReply, PamRequest } from './pam-messages.js';

/** The optional package that speaks to PAM. */
const PAM_PACKAGE = 'authenticate-pam';

/** PAM service whose rules apply: the one of the local console login, which every system has. */
const PAM_SERVICE = 'login';

/** PAM asks directories that may be far; after this time the answer is that there is none, in milliseconds. */
const TIME_LIMIT = 15_000;

/** Processes that ask PAM at a time. */
const CONCURRENT_LOGINS = 4;

/** Logins that may wait for one. */
const MAX_WAITING_LOGINS = 64;

/** PAM cannot be asked. The message is for the operator and says what to do. */
export class PamUnavailableError extends Error {
  override readonly name = 'PamUnavailableError';
}

/** What tests replace. */
export interface PamOptions {
  readonly module?: string;
  readonly service?: string;
  readonly timeLimit?: number;
}

/**
 * Users of the system, checked by PAM. Their roles come from the account of the same name; a user without one is
 * known and has no role, which the API refuses as such. The superuser is the system's root.
 */
export class PamAuthenticator implements Authenticator {
  readonly #accounts: Accounts;
  readonly #module: string;
  readonly #service: string;
  readonly #timeLimit: number;
  readonly #logins = new Limiter(CONCURRENT_LOGINS, MAX_WAITING_LOGINS);

  constructor(accounts: Accounts, { module = PAM_PACKAGE, service = PAM_SERVICE, timeLimit = TIME_LIMIT }: PamOptions = {}) {
    this.#accounts = accounts;
    this.#module = module;
    this.#service = service;
    this.#timeLimit = timeLimit;
  }

  async verify(name: string, password: string): Promise<Account | undefined> {
    if (!canBeAsked(name, password)) return undefined;
    const reply = await this.#logins.run(() => this.#ask(name, password));
    if (reply.kind === 'missing') {
      throw new PamUnavailableError(
        `logins by PAM need the package ${this.#module}: npm install ${this.#module} (it is compiled; on Debian install libpam0g-dev first), or use auth: local`,
      );
    }
    if (reply.kind === 'broken') throw new PamUnavailableError(`the package ${this.#module} cannot be used: ${reply.reason}`);
    return reply.kind === 'right' ? this.#accountOf(name) : undefined;
  }

  async #accountOf(name: string): Promise<Account> {
    if (name === SUPERUSER) return { name, superuser: true, roles: [] };
    const accounts = await this.#accounts.list();
    return accounts.find((account) => account.name === name) ?? { name, superuser: false, roles: [] };
  }

  #ask(name: string, password: string): Promise<PamReply> {
    const request: PamRequest = { module: this.#module, service: this.#service, name, password };
    return new Promise((resolve, reject) => {
      const child = fork(new URL('./pam-child.js', import.meta.url), {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        // The modules of PAM are code of others: what the daemon was started with is not for them.
        env: { ...(process.env.PATH !== undefined && { PATH: process.env.PATH }) },
      });
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        child.kill('SIGKILL');
        settle();
      };
      const timer = setTimeout(() => {
        end(() => reject(new PamUnavailableError(`PAM did not answer within ${this.#timeLimit / 1000} s`)));
      }, this.#timeLimit);
      child.once('message', (reply: PamReply) => end(() => resolve(reply)));
      child.on('error', (error) => end(() => reject(new PamUnavailableError(`PAM cannot be asked: ${error.message}`))));
      child.once('exit', (code, signal) => {
        end(() => reject(new PamUnavailableError(`the process that asks PAM ended without an answer (${signal ?? code})`)));
      });
      child.send(request);
    });
  }
}

/** PAM takes C strings, and its modules are not to be fed what no user is called. */
function canBeAsked(name: string, password: string): boolean {
  try {
    checkName(name);
  } catch {
    return false;
  }
  return password.length <= MAX_PASSWORD_LENGTH && !password.includes('\0');
}
