import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Daemon, PASSWORD } from '../../test-support/daemon.js';
import { type Outcome, runProgram } from './program.js';

const CLIENT = fileURLToPath(new URL('../../dist/xe.js', import.meta.url));

/** A uuid as the server makes them. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The command line client of this repository, pointed at a daemon as root. */
export class Xe {
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** Runs a command to its end; `input` is typed at its prompts. */
  run(words: readonly string[], input = ''): Promise<Outcome> {
    const options = ['-s', '127.0.0.1', '-p', String(this.#daemon.port), '-u', 'root', '-pw', PASSWORD];
    // Settings of whoever runs the tests are not for them.
    const env = { HOME: this.#daemon.dataDir, XE_EXTRA_ARGS: '', TRACEPARENT: '', BAGGAGE: '' };
    return runProgram(process.execPath, [CLIENT, ...options, ...words], env, input);
  }

  /** Runs a command that succeeds and prints exactly this. */
  async prints(words: readonly string[], stdout: string): Promise<void> {
    expect(await this.run(words), words.join(' ')).toEqual({ status: 0, stdout, stderr: '' });
  }

  /** Runs a command that succeeds and prints nothing. */
  async does(...words: readonly string[]): Promise<void> {
    await this.prints(words, '');
  }

  /** Runs a command that fails with exactly this on standard error, and nothing on standard output. */
  async refuses(words: readonly string[], ...stderr: readonly string[]): Promise<void> {
    const expected = { status: 1, stdout: '', stderr: stderr.map((line) => `${line}\n`).join('') };
    expect(await this.run(words), words.join(' ')).toEqual(expected);
  }

  /** Runs a command that prints one line, and gives it. */
  async line(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(words);
    expect({ status, stderr, lines: stdout.split('\n').length }, words.join(' ')).toEqual({ status: 0, stderr: '', lines: 2 });
    return stdout.slice(0, -1);
  }

  /** Runs a command that makes something and prints its uuid alone, and gives that. */
  async makes(...words: readonly string[]): Promise<string> {
    const uuid = await this.line(...words);
    expect(uuid, words.join(' ')).toMatch(UUID);
    return uuid;
  }
}
