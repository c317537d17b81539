import type { Database } from '../../db/database.js';
import { toDateTime } from '../../model/datetime.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { CallOrigin } from '../rpc.js';
import { TokenBucket } from './token-bucket.js';

/** Tokens that a call costs. */
const COST = 1;
/** Milliseconds between two writes of a caller's last call: each is an event for every client. */
const LAST_ACCESS_EVERY = 60_000;

/** Longest time that a timer can be set to; one that is asked for more would ring at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What a caller has done since the server started. */
export interface Usage {
  readonly calls: number;
  readonly tokens: number;
}

const NOTHING: Usage = { calls: 0, tokens: 0 };

/** Counts the calls of client programs that somebody wants counted, and holds those back that are under a limit. */
class Callers {
  readonly #db: Database;
  readonly #usage = new Map<string, Usage>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #written = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  usage(caller: string): Usage {
    return this.#usage.get(caller) ?? NOTHING;
  }

  forget(caller: string): void {
    this.#usage.delete(caller);
    this.#written.delete(caller);
  }

  admit(origin: CallOrigin): Promise<void> | undefined {
    const matching = this.#db.filter('Caller', (caller) => matches(caller, origin));
    const now = Date.now();
    for (const [ref] of matching) this.#count(ref, now);
    const limited = matching.find(([, caller]) => !isNullRef(caller.rate_limit));
    const bucket = limited && this.#bucket(limited[1].rate_limit);
    const wait = bucket ? bucket.take(COST, performance.now()) : 0;
    if (wait === undefined) return Promise.reject(new ApiError('TOO_BUSY'));
    return wait > 0 ? new Promise((resolve) => setTimeout(resolve, Math.min(wait, LONGEST_TIMER)).unref()) : undefined;
  }

  #count(ref: Ref<'Caller'>, now: number): void {
    const { calls, tokens } = this.usage(ref);
    this.#usage.set(ref, { calls: calls + 1, tokens: tokens + COST });
    if (now - (this.#written.get(ref) ?? 0) < LAST_ACCESS_EVERY) return;
    this.#written.set(ref, now);
    this.#db.set('Caller', ref, { last_access: toDateTime(now) });
  }

  /** The bucket of a limit; a new one, full, after its figures have changed. */
  #bucket(ref: Ref<'Rate_limit'>): TokenBucket | undefined {
    const limit = this.#db.find('Rate_limit', ref)?.fields;
    if (!limit || limit.burst_size <= 0 || limit.fill_rate <= 0) return undefined;
    let bucket = this.#buckets.get(ref);
    if (bucket?.burst !== limit.burst_size || bucket.rate !== limit.fill_rate) {
      bucket = new TokenBucket(limit.burst_size, limit.fill_rate, performance.now());
      this.#buckets.set(ref, bucket);
    }
    return bucket;
  }
}

/** An empty pattern fits everything, one that ends in `*` everything with that beginning. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '') return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

function matches({ user_agent, client_ip }: Fields<'Caller'>, { userAgent = '', address }: CallOrigin): boolean {
  return fits(user_agent, userAgent) && fits(client_ip, address);
}

const known = new WeakMap<Database, Callers>();

/** The callers of a pool. */
export function callersOf(db: Database): Callers {
  const found = known.get(db) ?? new Callers(db);
  known.set(db, found);
  return found;
}

/**
 * Lets a call through, counted. Undefined, at next to no cost, when it need not wait; else a promise that resolves when
 * its turn has come or rejects with TOO_BUSY.
 */
export function admit(db: Database, origin: CallOrigin): Promise<void> | undefined {
  return !origin.admitted && db.table('Caller').rows.size ? callersOf(db).admit(origin) : undefined;
}
