import type { CommittedChange } from '../../db/commit.js';
import type { Database } from '../../db/database.js';
import type { Subscription } from './subscription.js';

interface Waiter {
  readonly subscription: Subscription;
  readonly wake: () => void;
}

/** Those who wait for a change that their subscription covers. One look per change and waiter, whatever the number of objects. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  #closed = false;

  constructor(db: Database) {
    db.onChange((changes) => this.#notify(changes));
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Whether nobody may wait any more, because the server ends. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Wakes everybody, and lets nobody wait from now on. */
  close(): void {
    this.#closed = true;
    for (const { wake } of this.#waiting) wake();
  }

  /** Resolves at the next change that matters, after the time (milliseconds), or when one of the signals says so. */
  wait(subscription: Subscription, milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        for (const signal of signals) signal.removeEventListener('abort', done);
        resolve();
      };
      const waiter: Waiter = { subscription, wake: done };
      const timer = setTimeout(done, milliseconds).unref();
      this.#waiting.add(waiter);
      if (this.#closed) done();
      for (const signal of signals) {
        signal.addEventListener('abort', done);
        if (signal.aborted) done();
      }
    });
  }

  #notify(changes: readonly CommittedChange[]): void {
    for (const waiter of this.#waiting) {
      const { subscription } = waiter;
      if (changes.some(({ table, row }) => subscription.table(table) && subscription.object(table, row.ref))) waiter.wake();
    }
  }
}
