import { setTimeout as sleep } from 'node:timers/promises';
import { OverloadedError } from './limiter.js';

/** Answer to the first wrong password comes this late, in milliseconds; each further one doubles it. */
const FIRST_DELAY = 250;

/** No answer comes later than this, in milliseconds: clients give up after about half a minute. */
const LONGEST_DELAY = 8000;

/** Failures are forgotten when there was none for this long, in milliseconds. */
const FORGET_AFTER = 15 * 60 * 1000;

/** Pairs of user and address that are kept; beyond, the ones that failed longest ago are forgotten. */
const MAX_KEYS = 10_000;

/** Logins of one pair that may wait for their turn; more of them is guessing, not logging in. */
const MAX_WAITING = 8;

interface Failures {
  count: number;
  last: number;
  waiting: number;
  /** Ends when the login before this one has been answered. */
  turn: Promise<unknown>;
}

/** Clock and sleep, to be replaced in tests. */
export interface ThrottleTime {
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
}

const realTime: ThrottleTime = { now: Date.now, sleep: (milliseconds) => sleep(milliseconds, undefined, { ref: false }) };

/**
 * Makes guessing passwords slow. After a wrong one, logins of the same user from the same address are checked one at
 * a time, and each further wrong one is answered later than the one before. Others, and the same user from elsewhere,
 * are not held up: whoever guesses cannot lock the owner out.
 */
export class LoginThrottle {
  readonly #time: ThrottleTime;
  /** In the order of the last failure, oldest first. */
  readonly #failures = new Map<string, Failures>();

  constructor(time: ThrottleTime = realTime) {
    this.#time = time;
  }

  /**
   * Result of `check`, which answers undefined for a wrong password; that answer is handed on late. Rejects with
   * OverloadedError when too many logins of this user and address wait already, and passes on what `check` throws.
   */
  async attempt<T>(user: string, address: string, check: () => Promise<T | undefined>): Promise<T | undefined> {
    // Only a hash would bound the length as well; an address is short and a name is cut.
    const key = `${address} ${user.slice(0, 256)}`;
    const failures = this.#recall(key);
    if (failures === undefined) return this.#check(key, check);
    if (failures.waiting >= MAX_WAITING) throw new OverloadedError('too many logins of this user are waiting: try again later');
    failures.waiting++;
    const turn = failures.turn.then(() => this.#check(key, check));
    failures.turn = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      failures.waiting--;
    }
  }

  async #check<T>(key: string, check: () => Promise<T | undefined>): Promise<T | undefined> {
    const result = await check();
    if (result === undefined) await this.#time.sleep(this.#fail(key));
    else this.#failures.delete(key);
    return result;
  }

  /** Failures of a pair, unless they are too long ago. */
  #recall(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    if (failures === undefined || failures.waiting > 0 || this.#time.now() - failures.last < FORGET_AFTER) return failures;
    this.#failures.delete(key);
    return undefined;
  }

  /** Counts a failure. Returns how late its answer goes out, in milliseconds. */
  #fail(key: string): number {
    const failures = this.#failures.get(key) ?? { count: 0, last: 0, waiting: 0, turn: Promise.resolve() };
    failures.count++;
    failures.last = this.#time.now();
    this.#failures.delete(key);
    const oldest = this.#failures.size >= MAX_KEYS ? this.#failures.keys().next() : undefined;
    if (oldest?.done === false) this.#failures.delete(oldest.value);
    this.#failures.set(key, failures);
    return Math.min(FIRST_DELAY * 2 ** (failures.count - 1), LONGEST_DELAY);
  }
}
