/** Calls that may wait for tokens of one bucket; a client that sends on and on gets an error then instead of an answer. */
const MOST_WAITING = 1000;
const SECOND = 1000;

/** Holds calls to a rate. Times in milliseconds of any clock that only goes forward. */
export class TokenBucket {
  readonly burst: number;
  readonly rate: number;
  #tokens: number;
  #filledAt: number;

  /** `burst`: tokens that it can hold, and holds at first. `rate`: tokens that come in per second. */
  constructor(burst: number, rate: number, now: number) {
    this.burst = burst;
    this.rate = rate;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /**
   * Takes tokens, at once or in advance. Tells how long to wait until they are there: who asked before is served before.
   * Undefined, and nothing taken, when too many wait already.
   */
  take(cost: number, now: number): number | undefined {
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#filledAt) / SECOND) * this.rate);
    this.#filledAt = now;
    if (this.#tokens < -MOST_WAITING * cost) return undefined;
    this.#tokens -= cost;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.rate) * SECOND;
  }
}
