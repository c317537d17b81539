import type { Snapshot } from '../snapshot.js';
import type { Caller, Writer } from '../writer.js';

/** Objects that a writer leaves before it destroys its oldest one. */
const KEPT = 4;

/** How one kind of object is made, destroyed and judged. */
export interface ObjectKind {
  readonly className: string;
  /** Finds what the objects are made from. */
  prepare?(caller: Caller): Promise<void>;
  /** Makes an object with this name. Resolves to its reference. */
  create(caller: Caller, name: string): Promise<string>;
  destroy(caller: Caller, ref: string): Promise<void>;
  /** What an object of this kind lacks to be whole. */
  flaws?(snapshot: Snapshot, ref: string): readonly string[];
}

/** Makes objects of one kind and destroys them again. */
export class ObjectWriter implements Writer {
  readonly name: string;
  acknowledged = 0;
  readonly #kind: ObjectKind;
  readonly #there = new Map<string, string>();
  readonly #gone = new Set<string>();
  #next = 0;
  #pending: { readonly creating: string } | { readonly destroying: string } | undefined;

  constructor(name: string, kind: ObjectKind) {
    this.name = name;
    this.#kind = kind;
  }

  async prepare(caller: Caller): Promise<void> {
    await this.#kind.prepare?.(caller);
  }

  async step(caller: Caller): Promise<void> {
    const [oldest] = this.#there.keys();
    if (this.#there.size > KEPT && oldest !== undefined) {
      this.#pending = { destroying: oldest };
      await this.#kind.destroy(caller, oldest);
      this.#there.delete(oldest);
      this.#gone.add(oldest);
    } else {
      const name = `${this.name}:${this.#next++}.`;
      this.#pending = { creating: name };
      this.#there.set(await this.#kind.create(caller, name), name);
    }
    this.#pending = undefined;
    this.acknowledged++;
  }

  check(snapshot: Snapshot): string[] {
    const { className } = this.#kind;
    const found = new Set(snapshot.named(className, `${this.name}:`));
    const pending = this.#pending ?? {};
    this.#pending = undefined;
    const wrong: string[] = [];
    for (const [ref, name] of this.#there) {
      if (found.has(ref)) continue;
      this.#there.delete(ref);
      if ('destroying' in pending && pending.destroying === ref) this.#gone.add(ref);
      else wrong.push(`${this.name}: ${className} ${ref} (${name}) is gone`);
    }
    for (const ref of found) {
      const name = String(snapshot.find(className, ref)?.name_label);
      if (this.#gone.has(ref)) wrong.push(`${this.name}: ${className} ${ref} (${name}) is back`);
      else if (!this.#there.has(ref)) {
        this.#there.set(ref, name);
        const wasUnderWay = 'creating' in pending && name === pending.creating;
        if (!wasUnderWay) wrong.push(`${this.name}: nobody has made ${className} ${ref} (${name})`);
      }
      wrong.push(
        ...(this.#kind.flaws?.(snapshot, ref) ?? []).map((flaw) => `${this.name}: ${className} ${ref} (${name}) ${flaw}`),
      );
    }
    return wrong;
  }
}
