import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest that a command computes without letting others have their turn, in milliseconds. */
const LONGEST_MS = 5;

/** A piece of work on many objects, done in stretches, with the calls of other clients in between. */
export class Stretch {
  #began = performance.now();

  /** Whether it is time for a rest. Asked for each object, so that short work costs no promise. */
  get isLong(): boolean {
    return performance.now() - this.#began > LONGEST_MS;
  }

  /** Lets the others go first. */
  async rest(): Promise<void> {
    await nextTurn();
    this.#began = performance.now();
  }
}
