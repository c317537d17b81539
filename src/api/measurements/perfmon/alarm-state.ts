import type { WatchedVariable } from './config.js';

/** Follows one variable of one object through time. */
export class AlarmState {
  /** Since when (milliseconds) the level has been passed without a break. */
  #since: number | undefined;
  #silentUntil = Number.NEGATIVE_INFINITY;

  /** Takes in the value of now; true when it is time for an alarm. A value that is not known breaks no period. */
  look(now: number, { level, sense, period, inhibit }: WatchedVariable, value: number): boolean {
    if (Number.isNaN(value)) return false;
    if (sense === 'high' ? value <= level : value >= level) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= now;
    if (now < this.#silentUntil || now - this.#since < period * 1000) return false;
    this.#silentUntil = now + inhibit * 1000;
    this.#since = undefined;
    return true;
  }
}
