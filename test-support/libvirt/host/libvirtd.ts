import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute } from '../execute.js';

/** Milliseconds until a libvirtd that does not answer, or does not end, counts as broken. */
const PATIENCE = 30_000;

/** The libvirtd of one host: a process that tests start, kill and hold. */
export class Libvirtd {
  readonly socket: string;
  readonly #command: readonly string[];
  readonly #directory: string;
  #child: ChildProcess | undefined;

  /** `command` begins with what enters the host. */
  constructor(command: readonly string[], directory: string) {
    this.#command = command;
    this.#directory = directory;
    this.socket = join(directory, 'run/libvirt-sock');
  }

  /** Id of the process. Throws when there is none. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('libvirtd does not run');
    return this.#child.pid;
  }

  /** Starts it and resolves when it takes connections. */
  async start(): Promise<void> {
    if (this.#child) throw new Error('libvirtd runs already');
    const [program = '', ...args] = this.#command;
    const child = spawn(program, args, { stdio: 'ignore' });
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    await once(child, 'spawn');
    const deadline = Date.now() + PATIENCE;
    while (!(await answers(this.socket))) {
      if (this.#child !== child) throw new Error(`libvirtd ended at once:\n${await this.log()}`);
      if (Date.now() > deadline) throw new Error(`libvirtd takes no connections:\n${await this.log()}`);
      await sleep(10);
    }
    // It takes connections before its drivers have started, and ends when one of them cannot.
    await execute('virsh', ['-c', `qemu:///system?socket=${this.socket}`, 'version']).catch(async (thrown: unknown) => {
      throw new Error(`libvirtd does not work: ${thrown}\n${await this.log()}`);
    });
  }

  /** Ends it as a service manager does, or as a crash does. Domains go on running. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    await ended;
    clearTimeout(patience);
  }

  /** Holds it: it takes connections and answers nothing. */
  hang(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  /** Lets it go on. */
  unhang(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** What it has complained about. */
  async log(): Promise<string> {
    return readFile(join(this.#directory, 'log/libvirtd.log'), 'utf8').catch(() => '');
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
