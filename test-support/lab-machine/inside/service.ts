import { join } from 'node:path';
import type { LabMachine } from '../lab-machine.js';

/** A program that runs in a lab machine by itself, whoever is connected: it can be kept with the machine and goes on with it. */
export class Service {
  readonly #machine: LabMachine;
  readonly #place: string;

  /** One that was started in the machine, or in the one that this one was before it was kept. */
  constructor(machine: LabMachine, name: string) {
    this.#machine = machine;
    this.#place = join('/run', name);
  }

  /** Starts a program. What an earlier one of the same name has left is gone. */
  static async start(
    machine: LabMachine,
    name: string,
    command: readonly [string, ...string[]],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Service> {
    await machine.script('machine', 'start-service.sh', [name, ...command], env);
    return new Service(machine, name);
  }

  /** Sends it a signal, such as `TERM`. Resolves when it has it, or has ended. */
  async signal(name: string): Promise<void> {
    await this.#machine.run('sh', ['-c', 'kill -s "$1" "$(cat "$2")" || true', '-', name, this.#file('pid')]);
  }

  /** Resolves when it has made a file or has ended, to its status then: 128 more than the number of a signal. Rejects after `patience` milliseconds. */
  async made(file: string, patience: number): Promise<number | undefined> {
    const [status, test] = [this.#file('status'), '[ -e "$1" ] || [ -e "$2" ]'];
    await this.#machine.until('sh', ['-c', test, '-', file, status], patience);
    const text = await this.#machine.run('sh', ['-c', '[ ! -e "$1" ] || cat "$1"', '-', status]);
    return text === '' ? undefined : Number(text);
  }

  /** Resolves to its status when it has ended. Rejects when it does not. */
  async ended(): Promise<number> {
    const status = this.#file('status');
    await this.#machine.until('test', ['-e', status]);
    return Number(await this.#machine.run('cat', [status]));
  }

  /** What it has printed. */
  async output(): Promise<string> {
    return this.#machine.run('cat', [this.#file('output')]);
  }

  #file(name: string): string {
    return join(this.#place, name);
  }
}
