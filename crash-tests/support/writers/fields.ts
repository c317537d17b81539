import type { Snapshot } from '../snapshot.js';
import type { Caller, Writer } from '../writer.js';

/** Counts up in several fields of one VM of its own, one call after the other. */
export class FieldWriter implements Writer {
  readonly name: string;
  acknowledged = 0;
  #vm = '';
  #step = 0;
  readonly #last = new Map<string, number>([
    ['name_description', 0],
    ['user_version', 0],
    ['other_config', 0],
    ['tags', 0],
  ]);
  #pending: { readonly field: string; readonly value: number } | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async prepare(caller: Caller): Promise<void> {
    const [source] = await caller.call<string[]>('VM.get_by_name_label', 'vm-1');
    this.#vm = await caller.call('VM.clone', source, this.name);
    for (const field of this.#last.keys()) await this.#set(caller, field, 0);
  }

  async step(caller: Caller): Promise<void> {
    const fields = [...this.#last.keys()];
    const field = fields[this.#step++ % fields.length] ?? '';
    const value = (this.#last.get(field) ?? 0) + 1;
    this.#pending = { field, value };
    await this.#set(caller, field, value);
    this.#last.set(field, value);
    this.#pending = undefined;
    this.acknowledged++;
  }

  check(snapshot: Snapshot): string[] {
    const vm = snapshot.find('VM', this.#vm);
    if (vm === undefined) return [`${this.name}: its VM ${this.#vm} is gone`];
    const pending = this.#pending;
    this.#pending = undefined;
    return [...this.#last].flatMap(([field, last]) => {
      const found = value(vm, field);
      if (found === last) return [];
      this.#last.set(field, found);
      if (pending?.field === field && pending.value === found) return [];
      return [`${this.name}: ${field} was acknowledged as ${last} and is ${found}`];
    });
  }

  async #set(caller: Caller, field: string, number: number): Promise<void> {
    await caller.call(`VM.set_${field}`, this.#vm, shape(field, number));
  }
}

function shape(field: string, number: number): unknown {
  switch (field) {
    case 'user_version':
      return String(number);
    case 'other_config':
      return { count: String(number), again: String(number) };
    case 'tags':
      return [`tag ${number}`];
    default:
      return `change ${number}`;
  }
}

/** The number behind the value of a field; NaN when the parts of the value do not belong together. */
function value(vm: Record<string, unknown>, field: string): number {
  const found = vm[field];
  if (field === 'user_version') return Number(found);
  if (field === 'other_config') {
    const { count, again } = found as Record<string, string>;
    return count === again ? Number(count) : Number.NaN;
  }
  return Number(String(found).replace(/^\D+/, ''));
}
