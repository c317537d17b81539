import type { Snapshot } from '../snapshot.js';
import type { Caller, Writer } from '../writer.js';

type State = 'Halted' | 'Running' | 'Paused' | 'Suspended';

/** From each state the call that leads to the next one, round in a circle through all of them. */
const CIRCLE: Readonly<Record<State, readonly [method: string, args: readonly unknown[], next: State]>> = {
  Halted: ['VM.start', [true, false], 'Paused'],
  Paused: ['VM.unpause', [], 'Running'],
  Running: ['VM.suspend', [], 'Suspended'],
  Suspended: ['VM.hard_shutdown', [], 'Halted'],
};

/** Takes a VM of its own through its power states. Hosts keep their domains when the daemon dies. */
export class PowerWriter implements Writer {
  readonly name: string;
  acknowledged = 0;
  #vm = '';
  #state: State = 'Halted';
  #pending: State | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async prepare(caller: Caller): Promise<void> {
    const [source] = await caller.call<string[]>('VM.get_by_name_label', 'vm-1');
    this.#vm = await caller.call('VM.clone', source, this.name);
  }

  async step(caller: Caller): Promise<void> {
    const [method, args, next] = CIRCLE[this.#state];
    this.#pending = next;
    await caller.call(method, this.#vm, ...args);
    this.#state = next;
    this.#pending = undefined;
    this.acknowledged++;
  }

  check(snapshot: Snapshot): string[] {
    const found = snapshot.find('VM', this.#vm)?.power_state as State | undefined;
    const allowed = [this.#state, this.#pending];
    const before = this.#state;
    this.#pending = undefined;
    if (found === undefined) return [`${this.name}: its VM ${this.#vm} is gone`];
    this.#state = found;
    return allowed.includes(found) ? [] : [`${this.name}: was acknowledged as ${before} and is ${found}`];
  }
}
