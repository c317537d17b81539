import type { Store, StoreBatch, StoreContents, StoredRow } from './store.js';

/** What memory stores keep. Handed to the next store, it is what a file is to a restarted daemon. */
export class MemoryContents {
  readonly rows = new Map<string, StoredRow>();
  readonly meta = new Map<string, string>();
}

/** Keeps the database for as long as the process runs: for emulated pools that nobody wants back, and for tests. */
export class MemoryStore implements Store {
  readonly #contents: MemoryContents;
  #closed = false;

  constructor(contents: MemoryContents = new MemoryContents()) {
    this.#contents = contents;
  }

  async load(): Promise<StoreContents> {
    this.#refuseIfClosed();
    return { rows: [...this.#contents.rows.values()], meta: new Map(this.#contents.meta) };
  }

  async write(batch: StoreBatch): Promise<void> {
    this.#refuseIfClosed();
    for (const { className, ref, text } of batch.rows) {
      const key = `${className} ${ref}`;
      if (text === null) this.#contents.rows.delete(key);
      else this.#contents.rows.set(key, { className, ref, text });
    }
    for (const [name, value] of batch.meta) this.#contents.meta.set(name, value);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new Error('the store is closed');
  }
}
