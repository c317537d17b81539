import { ImageError } from '../image/image-error.js';
import { merge, NotNow } from './merge.js';
import { MergeTurns } from './merge-turns.js';
import { PendingMerges } from './pending-merges.js';
import type { TreeParts } from './tree-parts.js';
import type { NodePair } from './volume-tree.js';

/** When layers become one. Milliseconds. */
export interface CoalescingTimes {
  /** From a change of the tree until something is done about it: several snapshots often go one after the other. */
  readonly delay: number;
  /** For which a disk is left alone after somebody has asked for its content: a program to read it opens it by then. */
  readonly rest: number;
  /** For which a disk is left alone after it was asked for to be used, until a domain uses it: a start takes no longer. */
  readonly start: number;
  /** Until a pair is tried again that could not become one; each time twice as long, up to the longest. */
  readonly retry: number;
  readonly longestRetry: number;
}

export const COALESCING_TIMES: CoalescingTimes = {
  delay: 5000,
  rest: 60_000,
  start: 120_000,
  retry: 30_000,
  longestRetry: 3_600_000,
};

/** How the layers of an SR's disks become one. */
export interface Coalescing {
  readonly times?: CoalescingTimes;
  /** Those of the host, which all SRs share. */
  readonly turns?: MergeTurns;
}

interface Job {
  readonly pair: NodePair;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** That a merge is broken off because somebody wants a disk. */
class GivenWay extends Error {}

/**
 * Makes layers of disks one that no volume needs apart, one pair after the other, when nothing else is to be done with the disks. Whoever
 * wants to do something with a disk comes first: what goes on there is broken off, and begins anew later.
 */
export class Coalescer {
  readonly pending: PendingMerges;
  readonly #parts: TreeParts;
  readonly #times: CoalescingTimes;
  readonly #turns: MergeTurns;
  /** Locations of volumes that are worked on, and how often. */
  readonly #busy = new Map<string, number>();
  /** Until when volumes are left alone, because somebody reads them, or a domain is to use them. */
  readonly #resting = new Map<string, number>();
  readonly #starting = new Map<string, number>();
  /** Pairs that could not become one, by their upper node: how often, and when they are tried again. */
  readonly #failed = new Map<string, { readonly times: number; readonly next: number }>();
  #job: Job | undefined;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #isStopped = false;
  readonly #opened = Date.now();

  constructor(parts: TreeParts, { times = COALESCING_TIMES, turns = new MergeTurns() }: Coalescing) {
    this.#parts = parts;
    this.#times = times;
    this.#turns = turns;
    this.pending = new PendingMerges(parts);
  }

  /** The tree may have changed. */
  wake(): void {
    this.#lookIn(this.#times.delay);
  }

  /**
   * Ends what goes on in the layers of a volume, and keeps it so until what this returns is called. Not to be called by who keeps others
   * from changing the SR.
   */
  async giveWay(location: string): Promise<() => void> {
    this.#busy.set(location, (this.#busy.get(location) ?? 0) + 1);
    const job = this.#job;
    if (job !== undefined && this.#concerns(location, job.pair)) {
      job.stop.abort(new GivenWay());
      await job.done;
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#busy.get(location) ?? 1) - 1;
      if (left > 0) this.#busy.set(location, left);
      else this.#busy.delete(location);
      this.wake();
    };
  }

  /** Somebody is about to read a volume. */
  rest(location: string): void {
    this.#resting.set(location, Date.now() + this.#times.rest);
  }

  /** A domain is about to use a volume. */
  expect(location: string): void {
    this.#starting.set(location, Date.now() + this.#times.start);
  }

  /** Goes on after `stop`. */
  start(): void {
    this.#isStopped = false;
    this.#due = Infinity;
    this.wake();
  }

  /** Resolves when nothing goes on any more; nothing begins afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#job?.stop.abort(new GivenWay());
    await this.#job?.done;
  }

  #lookIn(delay: number): void {
    const due = Date.now() + delay;
    if (this.#isStopped || this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#look(), delay).unref();
  }

  #look(): void {
    this.#due = Infinity;
    if (this.#isStopped || this.#job !== undefined) return;
    if (!this.pending.isEmpty) {
      // By then it is known what domains use.
      const isFinal = Date.now() - this.#opened >= this.#times.rest;
      void this.#parts.mutex
        .run(() => this.pending.settleAll(isFinal))
        .then(() => !this.pending.isEmpty && this.#lookIn(this.#times.retry));
    }
    const pair = this.#next();
    if (pair === undefined) return;
    if (!this.#turns.tryTake(() => this.#lookIn(0))) return;
    const stop = new AbortController();
    this.#job = { pair, stop, done: this.#work(pair, stop.signal) };
  }

  /** Never rejects. */
  async #work(pair: NodePair, signal: AbortSignal): Promise<void> {
    const { name } = pair.upper;
    // The job is known by then.
    await undefined;
    try {
      await merge(this.#parts, this.pending, pair, signal);
      this.#failed.delete(name);
    } catch (thrown) {
      if (!signal.aborted) this.#putOff(name, thrown);
    } finally {
      this.#job = undefined;
      this.#turns.release();
      this.#lookIn(signal.aborted ? this.#times.delay : 0);
    }
  }

  #putOff(name: string, thrown: unknown): void {
    const times = (this.#failed.get(name)?.times ?? 0) + 1;
    const wait = Math.min(this.#times.retry * 2 ** (times - 1), this.#times.longestRetry);
    this.#failed.set(name, { times, next: Date.now() + wait });
    const isExpected = thrown instanceof NotNow || (thrown instanceof ImageError && thrown.failure === 'locked');
    if (!isExpected && times === 1) this.#parts.warn(thrown, `layers of a disk could not become one: ${name}`);
  }

  /** The pair that is to become one now. Where there are some for later, it is looked again then. */
  #next(): NodePair | undefined {
    const { medium, state, written } = this.#parts;
    const now = Date.now();
    for (const times of [this.#resting, this.#starting])
      for (const [location, until] of times) if (until <= now) times.delete(location);
    for (const location of this.#starting.keys()) if (this.#isUsed(location)) this.#starting.delete(location);
    const pairs = state.tree.mergeable().filter(({ upper, lower }) => {
      // What somebody else's snapshots have put there may be what they go back from.
      if (medium.originOf(upper.name) !== upper.name) return false;
      return medium.kind === 'file' || lower.format !== 'raw' || lower.virtualSize === upper.virtualSize;
    });
    const names = new Set(pairs.map(({ upper }) => upper.name));
    for (const name of this.#failed.keys()) if (!names.has(name)) this.#failed.delete(name);
    let later = Infinity;
    for (const pair of pairs) {
      const { name } = pair.upper;
      const isBusy = [...this.#busy.keys()].some((location) => this.#concerns(location, pair));
      const isWritten = [...written].some((node) => state.tree.chain(node).includes(name));
      const rests = [...this.#resting, ...this.#starting].flatMap(([location, until]) =>
        this.#concerns(location, pair) ? [until] : [],
      );
      const next = Math.max(this.#failed.get(name)?.next ?? 0, ...rests, isBusy || isWritten ? now + this.#times.delay + 1 : 0);
      if (next <= now) return pair;
      later = Math.min(later, next);
    }
    if (later !== Infinity) this.#lookIn(later - now);
    return undefined;
  }

  #isUsed(location: string): boolean {
    const newest = this.#parts.state.newest(location);
    return newest !== undefined && this.#parts.userOf(newest) !== undefined;
  }

  #concerns(location: string, { upper }: NodePair): boolean {
    const { state } = this.#parts;
    const newest = state.newest(location);
    return newest !== undefined && state.tree.chain(newest).includes(upper.name);
  }
}
