import { v4 as newUuid } from 'uuid';
import type { Intent } from './records.js';
import type { TreeState } from './tree-state.js';

/** Takes note of what went wrong where nobody can be told. */
export type Warn = (error: unknown, message: string) => void;

/** Tells which domain has a node open as a writable disk; undefined when none has. */
export type UserOf = (node: string) => string | undefined;

/**
 * Operations of several steps. What they are about to do is written down first; the volume that they make counts from the
 * moment when that is crossed out. When they fail, or when a crash left them half done, what they made goes again.
 */
export class Intents {
  readonly #state: TreeState;
  readonly #userOf: UserOf;
  readonly #warn: Warn;

  constructor(state: TreeState, userOf: UserOf, warn: Warn) {
    this.#state = state;
    this.#userOf = userOf;
    this.#warn = warn;
  }

  async begin(intent: Intent): Promise<string> {
    const id = newUuid();
    await this.#state.medium.records.putIntent(id, intent);
    return id;
  }

  /** The operation has succeeded. When this rejects it has not: `undo` is to follow. */
  async finish(id: string, { nodes, volumes }: Intent): Promise<void> {
    // What is left over can only go while the intent still says so, and of a new volume nothing is.
    if (volumes.length === 0) await this.#state.sweep(nodes);
    await this.#state.medium.records.removeIntent(id);
  }

  /** Writes down something else in place of what was. */
  async change(id: string, intent: Intent): Promise<void> {
    await this.#state.medium.records.putIntent(id, intent);
  }

  /** Crosses out what was written down, and leaves everything as it is. */
  async forget(id: string): Promise<void> {
    await this.#state.medium.records.removeIntent(id);
  }

  /** Removes what an operation made, as far as it came. What a running domain has gone over to stays. */
  async undo(id: string, { nodes, volumes, forward }: Intent): Promise<void> {
    const state = this.#state;
    if (forward !== undefined) {
      const { record, from } = forward;
      const isThere = (await state.refresh(record.node)) !== undefined;
      // Once the domain writes above, going back would lose it. Where nobody knows, above is right in any case: nothing but that
      // domain writes below, and `inStep` goes back when it turns up there.
      if (isThere && this.#userOf(from) === undefined) await state.put(record);
    }
    for (const uuid of volumes) await state.drop(uuid);
    await state.sweep(nodes);
    await state.medium.records.removeIntent(id);
  }

  /** The same where something has failed already. What even now cannot be removed goes when the SR is attached the next time. */
  async abandon(id: string, intent: Intent): Promise<void> {
    try {
      await this.undo(id, intent);
    } catch (thrown) {
      this.#warn(thrown, 'what an operation on a disk left over could not be removed');
    }
  }

  /** Does a piece of work of which everything or nothing is to stay. */
  async run<T>(intent: Intent, work: () => Promise<T>): Promise<T> {
    const id = await this.begin(intent);
    try {
      const result = await work();
      await this.finish(id, intent);
      return result;
    } catch (thrown) {
      await this.abandon(id, intent);
      throw thrown;
    }
  }
}
