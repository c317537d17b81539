/** Milliseconds after which a counter is forgotten that nobody reads any more: a card that was unplugged. */
const FORGOTTEN_AFTER = 10 * 60_000;

/** How much a counter has counted since it was read before, and in how many seconds. */
export interface Change {
  readonly amount: number;
  readonly seconds: number;
}

/** Counters of one owner as they were read last. A counter that began anew has counted from nothing. */
export class Changes {
  readonly #last = new Map<string, { readonly value: number; readonly at: number }>();
  #since: number | undefined;

  /** `since`: milliseconds at which all counters stood at nothing, where that is known. It holds for the first look at them. */
  constructor(since?: number) {
    this.#since = since;
  }

  /**
   * Takes in what a counter says at a time (milliseconds of a clock that never jumps). Undefined when there is nothing to compare it
   * with, or nothing to be compared.
   */
  of(name: string, value: number | undefined, at: number): Change | undefined {
    if (value === undefined) return undefined;
    const last = this.#last.get(name) ?? (this.#since === undefined ? undefined : { value: 0, at: this.#since });
    if (last && at <= last.at) return undefined;
    this.#last.set(name, { value, at });
    return last && { amount: value < last.value ? value : value - last.value, seconds: (at - last.at) / 1000 };
  }

  /** Ends a look at the counters. Those that were not read for long are forgotten. */
  end(now: number): void {
    this.#since = undefined;
    for (const [name, { at }] of this.#last) if (now - at > FORGOTTEN_AFTER) this.#last.delete(name);
  }
}

/** What a counter counts in a second; undefined when that is not known. */
export function perSecond(change: Change | undefined): number | undefined {
  return change && change.amount / change.seconds;
}
