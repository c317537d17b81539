import type { Snapshot } from '../snapshot.js';
import type { Caller, Writer } from '../writer.js';

/** Keys that a writer leaves before it removes its oldest one. */
const KEPT = 20;

/** Adds and removes keys of the pool's other_config, which several writers share. */
export class MapKeyWriter implements Writer {
  readonly name: string;
  acknowledged = 0;
  #pool = '';
  #next = 0;
  readonly #keys = new Set<string>();
  #pending: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async prepare(caller: Caller): Promise<void> {
    this.#pool = (await caller.call<string[]>('pool.get_all'))[0] ?? '';
  }

  async step(caller: Caller): Promise<void> {
    const [oldest] = this.#keys;
    if (this.#keys.size > KEPT && oldest !== undefined) {
      this.#pending = oldest;
      await caller.call('pool.remove_from_other_config', this.#pool, oldest);
      this.#keys.delete(oldest);
    } else {
      const key = `${this.name}:${this.#next++}`;
      this.#pending = key;
      await caller.call('pool.add_to_other_config', this.#pool, key, 'there');
      this.#keys.add(key);
    }
    this.#pending = undefined;
    this.acknowledged++;
  }

  check(snapshot: Snapshot): string[] {
    const map = (snapshot.find('pool', this.#pool)?.other_config ?? {}) as Record<string, string>;
    const found = new Set(Object.keys(map).filter((key) => key.startsWith(`${this.name}:`)));
    const pending = this.#pending;
    this.#pending = undefined;
    const wrong = [
      ...[...this.#keys].filter((key) => !found.has(key) && key !== pending).map((key) => `${this.name}: key ${key} is gone`),
      ...[...found].filter((key) => !this.#keys.has(key) && key !== pending).map((key) => `${this.name}: key ${key} is back`),
    ];
    this.#keys.clear();
    for (const key of found) this.#keys.add(key);
    return wrong;
  }
}
