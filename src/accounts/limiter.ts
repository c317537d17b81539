/** More work is waiting than may wait. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

/** Runs some pieces of work at a time and lets a bounded number wait, first come first served. */
export class Limiter {
  readonly #concurrent: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(concurrent: number, maxWaiting: number) {
    this.#concurrent = concurrent;
    this.#maxWaiting = maxWaiting;
  }

  /** Result of the work, when its turn has come. Rejects with OverloadedError when too much waits already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrent) {
      if (this.#waiting.length >= this.#maxWaiting) throw new OverloadedError('too many logins are waiting: try again later');
      // The one who finishes hands its place on, so nobody can slip in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
