import type { Duplex } from 'node:stream';
import type { Api } from '../api/api.js';
import { findConsole } from '../api/consoles.js';
import type { ConsoleAccess, FoundConsole } from '../http/console/access.js';
import { HttpError } from '../http/error-page.js';

/** Consoles of the pool, as HTTP paths ask for them. */
export class PoolConsoles implements ConsoleAccess {
  readonly #api: Api;
  /** How many clients have the console of each VM open. */
  readonly #open = new Map<string, number>();

  constructor(api: Api) {
    this.#api = api;
  }

  find(name: { readonly ref?: string; readonly uuid?: string }): FoundConsole {
    const { protocol, isHost, vm, open } = findConsole(this.#api, name);
    return { protocol, isHost, open: () => this.#counted(vm, open) };
  }

  async #counted(vm: string, open: () => Promise<Duplex>): Promise<Duplex> {
    const { db, pool } = this.#api;
    const already = this.#open.get(vm) ?? 0;
    if (already > 0 && db.get('pool', pool).limit_console_sessions)
      throw new HttpError(503, 'somebody has this console open, and the pool permits one client at a time');
    this.#open.set(vm, already + 1);
    const release = (): void => {
      const left = (this.#open.get(vm) ?? 1) - 1;
      if (left > 0) this.#open.set(vm, left);
      else this.#open.delete(vm);
    };
    try {
      const stream = await open();
      stream.once('close', release);
      return stream;
    } catch (thrown) {
      release();
      throw thrown;
    }
  }
}
