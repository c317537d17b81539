import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Milliseconds until QEMU counts as hung. It answers in a few, and while it writes to a slow disk in a few thousand. */
const PATIENCE = 60_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** QEMU's monitor: commands by name, answered one after the other. */
export class Monitor {
  readonly #to: Writable;
  readonly #waiting: Waiting[] = [];
  #over: Error | undefined;

  /** `from` and `to` are QEMU's output and input. */
  constructor(from: Readable, to: Writable) {
    this.#to = to;
    to.on('error', (error) => this.end(error));
    createInterface(from).on('line', (line) => this.#answer(line));
  }

  /** Sends a command. Resolves to what it returns; rejects with QEMU's own words. */
  async execute(command: string, args: object = {}): Promise<unknown> {
    if (this.#over) throw this.#over;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#to.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    const timer = setTimeout(() => this.end(new Error(`QEMU did not answer ${command} within ${PATIENCE} ms`)), PATIENCE);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a command of the monitor for people. Resolves to what it prints. */
  async ask(line: string): Promise<string> {
    return String(await this.execute('human-monitor-command', { 'command-line': line }));
  }

  /** Nothing will be answered any more. */
  end(error: Error): void {
    this.#over ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #answer(line: string): void {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null) return;
    if ('return' in message) this.#waiting.shift()?.resolve(message.return);
    else if ('error' in message) this.#waiting.shift()?.reject(new Error(`QEMU: ${JSON.stringify(message.error)}`));
    // Everything else is the greeting or tells of something that nobody has asked for.
  }
}
