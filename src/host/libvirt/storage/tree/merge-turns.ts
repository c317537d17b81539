/** Pairs of layers that become one at the same time on a host: more would take from guests what they need of its disks. */
export const MERGES_AT_ONCE = 2;

/** Lets so many merges run at once on a host, of whatever SRs. */
export class MergeTurns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(most = MERGES_AT_ONCE) {
    this.#free = most;
  }

  /** Whether one more may run now; `release` is then to follow. Else `retry` is called when that may have changed. */
  tryTake(retry: () => void): boolean {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    this.#waiting.add(retry);
    return false;
  }

  release(): void {
    this.#free++;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const retry of waiting) retry();
  }
}
