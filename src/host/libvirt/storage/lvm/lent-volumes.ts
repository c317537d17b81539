import { Mutex } from '../../../mutex.js';
import type { Warn } from '../tree/intents.js';
import type { LvPaths } from './lv-paths.js';
import { LvmError } from './lvm-error.js';
import { isOurName } from './names.js';
import type { VolumeGroup } from './volume-group.js';

/** How long a volume that was asked for stays active until somebody opens it, and how often others are looked after. */
export interface LendingTimes {
  /** Milliseconds within which a domain or a program opens what it was given: starting one takes seconds. */
  readonly patience: number;
  /** Milliseconds between two looks at volumes that somebody has open and may have let go of. */
  readonly interval: number;
  /** Milliseconds from the news that a domain has let go of something to the look: one that ends has several disks. */
  readonly delay: number;
}

const TIMES: LendingTimes = { patience: 300_000, interval: 600_000, delay: 1000 };

/**
 * Which volumes of a group this host has active. They become so when somebody is about to open them, and are made inactive when
 * nobody has them open any more: the kernel knows who has, whatever became of those who asked.
 */
export class LentVolumes {
  readonly #group: VolumeGroup;
  readonly #paths: LvPaths;
  readonly #warn: Warn;
  readonly #times: LendingTimes;
  /** When each was asked for last. */
  readonly #asked = new Map<string, number>();
  /** What is being made inactive must not be given to somebody meanwhile. */
  readonly #mutex = new Mutex();
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;

  constructor(group: VolumeGroup, paths: LvPaths, warn: Warn, times = TIMES) {
    this.#group = group;
    this.#paths = paths;
    this.#warn = warn;
    this.#times = times;
  }

  /** Makes volumes active, the first for writing perhaps. Rejects with LvmError. */
  lend(names: readonly string[], isWritable: boolean): Promise<void> {
    const isMissing = (name: string): boolean => !this.#paths.isThere(this.#group.name, name);
    // Volumes of others that are active stay so: they have their own reasons.
    for (const name of names) if (isOurName(name) || this.#asked.has(name) || isMissing(name)) this.#asked.set(name, Date.now());
    this.#lookIn(this.#times.patience);
    return this.#mutex.run(async () => {
      const missing = names.filter(isMissing);
      if (missing.length === 0) return;
      const exclusive = isWritable ? missing.filter((name) => name === names[0]) : [];
      const others = missing.filter((name) => !exclusive.includes(name));
      await this.#group.activate(others, exclusive);
      await this.#paths.changed(this.#group, missing);
    });
  }

  /** A volume that was just made is active. */
  async made(name: string): Promise<void> {
    this.#asked.set(name, Date.now());
    this.#lookIn(this.#times.patience);
    await this.#paths.changed(this.#group, [name]);
  }

  /** Volumes are about to be removed. */
  gone(names: readonly string[]): Promise<void> {
    return this.#mutex.run(async () => {
      await this.#paths.leaving(this.#group, names, true);
      for (const name of names) this.#asked.delete(name);
    });
  }

  /** Some domain has let go of something. */
  released(): void {
    if (this.#asked.size > 0) this.#lookIn(this.#times.delay);
  }

  /** Takes over what an earlier process left active among some volumes: what nobody has open goes at once. */
  async takeOver(names: readonly string[]): Promise<void> {
    for (const name of names) if (this.#paths.isThere(this.#group.name, name)) this.#asked.set(name, 0);
    await this.#look(0);
  }

  /** Makes everything inactive that nobody has open, and looks no more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#due = 0;
    await this.#return(Infinity);
  }

  #lookIn(delay: number): void {
    const due = Date.now() + delay;
    if (this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#look(this.#times.patience), delay).unref();
  }

  async #look(patience: number): Promise<void> {
    if (this.#due === 0) return;
    this.#due = Infinity;
    try {
      await this.#return(Date.now() - patience);
    } catch (thrown) {
      this.#warn(thrown, `volumes of ${this.#group.name} that nobody uses could not be made inactive`);
    }
    const newest = Math.max(...this.#asked.values());
    if (this.#asked.size > 0) this.#lookIn(Date.now() - newest < patience ? patience : this.#times.interval);
  }

  /** Makes inactive what was asked for last before a time and nobody has open. */
  #return(before: number): Promise<void> {
    return this.#mutex.run(async () => {
      const old = [...this.#asked].filter(([, asked]) => asked <= before).map(([name]) => name);
      if (old.length === 0) return;
      const idle = await this.#paths.idle(this.#group);
      // Some may have been asked for since, and wait for this to end.
      const leaving = old.filter((name) => idle.has(name) && (this.#asked.get(name) ?? Infinity) <= before);
      for (const name of old) if (!this.#paths.isThere(this.#group.name, name)) this.#asked.delete(name);
      if (leaving.length === 0) return;
      try {
        await this.#paths.leaving(this.#group, leaving, false);
        await this.#group.deactivate(leaving);
      } catch (thrown) {
        // Somebody was quicker and has opened one; which, the next look tells.
        if (!(thrown instanceof LvmError) || thrown.failure !== 'inUse') throw thrown;
      }
      for (const name of leaving) if (!this.#paths.isThere(this.#group.name, name)) this.#asked.delete(name);
    });
  }
}
