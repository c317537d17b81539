import type { Store, StoredRow } from './store.js';

/** Makes the text of one changed object at the moment it is written, so that several changes in a row cost one text. */
export type RowSource = () => StoredRow;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Gathers changes and writes them in the order of time, one batch at a time: whatever came in while a batch was on its
 * way makes up the next one, so that many writers share one flush.
 */
export class DurableWriter {
  readonly #store: Store;
  #pending = new Map<string, RowSource>();
  #meta = new Map<string, string>();
  #waiting: Waiter[] = [];
  #running = false;
  #held = false;
  #failed: Error | undefined;
  readonly #onFailure: (error: Error) => void;

  constructor(store: Store, onFailure: (error: Error) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** Queues the present state of one object, by a key that is the same for every change of it. */
  add(key: string, source: RowSource): void {
    if (this.#failed) return;
    this.#pending.set(key, source);
    this.#start();
  }

  /** Queues a named value. */
  setMeta(name: string, value: string): void {
    if (this.#failed) return;
    this.#meta.set(name, value);
    this.#start();
  }

  /** Keeps back everything until `release`, so that it is written as one batch. */
  hold(): void {
    this.#held = true;
  }

  /** Writes what was kept back. */
  release(): void {
    this.#held = false;
    this.#start();
  }

  /** Throws away what was kept back, and takes nothing more: whoever waits, or comes later, gets the reason. */
  abandon(reason: Error): void {
    this.#held = false;
    if (!this.#failed) this.#refuse(reason, []);
  }

  /** Whether something is not on disk yet. */
  get behind(): boolean {
    return this.#running || this.#held || this.#failed !== undefined;
  }

  /** Resolves when everything queued so far is on disk. Rejects for ever once a write has failed. */
  flushed(): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failed);
    if (!this.#running && !this.#held) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #start(): void {
    if (this.#running || this.#held || this.#failed) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (!this.#held && (this.#pending.size || this.#meta.size || this.#waiting.length)) {
      const [rows, meta, waiting] = [this.#pending, this.#meta, this.#waiting];
      this.#pending = new Map();
      this.#meta = new Map();
      this.#waiting = [];
      try {
        if (rows.size || meta.size) await this.#store.write({ rows: Array.from(rows.values(), (source) => source()), meta });
      } catch (thrown) {
        this.#fail(thrown instanceof Error ? thrown : new Error(String(thrown)), waiting);
        return;
      }
      for (const waiter of waiting) waiter.resolve();
    }
    this.#running = false;
  }

  #fail(error: Error, waiting: readonly Waiter[]): void {
    this.#running = false;
    this.#refuse(error, waiting);
    this.#onFailure(error);
  }

  #refuse(error: Error, waiting: readonly Waiter[]): void {
    this.#failed = error;
    for (const waiter of [...waiting, ...this.#waiting]) waiter.reject(error);
    this.#waiting = [];
    this.#pending.clear();
    this.#meta.clear();
  }
}
