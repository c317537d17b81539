import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LabHost } from './libvirt/host/host.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Password of root at every daemon that tests start. */
export const PASSWORD = 'a password of tests';

/** Milliseconds until a start counts as hung: it takes about one second on an idle machine. */
const START_PATIENCE = 60_000;

/** How much of what a daemon prints is kept for failure messages, in characters. */
const OUTPUT_KEPT = 64 * 1024;

/** How a daemon is started. */
export interface DaemonOptions {
  /** Shape of the emulated pool, as for --emulate. */
  readonly emulate?: string;
  /** The host that it runs on and manages through libvirt, in place of an emulated pool. It serves at the host's address. */
  readonly on?: LabHost;
  /** Further command line, after the standard one. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A directory for one test's data; `remove` takes it away. */
export async function newDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'xenapi-gateway-test-'));
}

/** Removes the directory, and before it any daemon that a failed test has left there. */
export async function remove(dataDir: string): Promise<void> {
  await Promise.all([...running].filter((daemon) => daemon.dataDir === dataDir).map((daemon) => daemon.kill()));
  await rm(dataDir, { recursive: true, force: true });
}

/** Daemons that have been started and have not ended. */
const running = new Set<DaemonProcess>();

// What nobody has removed must not outlive its tests.
process.once('exit', () => {
  for (const daemon of running) daemon.signal('SIGKILL');
});

/** A process of `xenapi-gateway start` that may or may not serve yet. */
export class DaemonProcess {
  readonly dataDir: string;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #output = '';
  #isOver = false;

  private constructor(dataDir: string, child: ChildProcess) {
    this.dataDir = dataDir;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_KEPT);
      });
    }
    running.add(this);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#isOver = true;
        running.delete(this);
        resolve({ code, signal });
      });
    });
  }

  /** Starts the process and does not wait for anything. */
  static spawn(dataDir: string, { emulate = 'hosts=1,vms=4', on, args = [], env = {} }: DaemonOptions = {}): DaemonProcess {
    const host = on ? ['--host', 'libvirt', '--bind', on.address] : ['--host', 'emulated', '--emulate', emulate];
    const standard = [MAIN, 'start', ...host, '--http-port', '0', '--https-port', '0', '--data-dir', dataDir];
    const command = [...standard, ...args];
    const [program, ...rest] = on ? on.command(process.execPath, command) : [process.execPath, ...command];
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, XENAPI_GATEWAY_ROOT_PASSWORD: PASSWORD, ...env },
    });
    return new DaemonProcess(dataDir, child);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the daemon could not be started');
    return this.#child.pid;
  }

  /** What it has printed, the latest part. */
  get output(): string {
    return this.#output;
  }

  /** What it has printed since this was asked for last. */
  takeOutput(): string {
    const taken = this.#output;
    this.#output = '';
    return taken;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when it serves. Rejects with its output when it ends before. */
  async serving(): Promise<Daemon> {
    const path = join(this.dataDir, 'addresses.json');
    const deadline = Date.now() + START_PATIENCE;
    while (Date.now() < deadline) {
      if (this.#isOver) throw new Error(`the daemon ended before it served:\n${this.#output}`);
      const found = await addresses(path);
      // A file that a killed daemon left names another process.
      if (found?.pid === this.pid) return new Daemon(this, found.http, found.https);
      await sleep(10);
    }
    await this.kill();
    throw new Error(`the daemon did not serve within ${START_PATIENCE} ms:\n${this.#output}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it as a power failure would end its process: at once and without a word. */
  async kill(): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it as a service manager does. */
  async stop(): Promise<Ended> {
    if (!this.#isOver) this.#child.kill('SIGTERM');
    return this.ended;
  }
}

/** A daemon that serves. */
export class Daemon {
  readonly process: DaemonProcess;
  readonly http: string;
  readonly https: string;

  constructor(process: DaemonProcess, http: string, https: string) {
    this.process = process;
    this.http = http;
    this.https = https;
  }

  get dataDir(): string {
    return this.process.dataDir;
  }

  get port(): number {
    return Number(new URL(this.http).port);
  }

  /** The certificate that it shows, as a PEM file that clients can be told to trust. */
  get certificatePath(): string {
    return join(this.dataDir, 'tls', 'cert.pem');
  }

  /** Starts one on a directory, which is continued when it holds a pool, and waits until it serves. */
  static async start(dataDir: string, options?: DaemonOptions): Promise<Daemon> {
    return DaemonProcess.spawn(dataDir, options).serving();
  }

  async stop(): Promise<Ended> {
    return this.process.stop();
  }

  async kill(): Promise<void> {
    await this.process.kill();
  }

  /** Whether the file by which scripts find it is there. */
  get isAnnounced(): boolean {
    return existsSync(join(this.dataDir, 'addresses.json'));
  }
}

async function addresses(path: string): Promise<{ http: string; https: string; pid: number } | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { http: string; https: string; pid: number };
  } catch {
    return undefined;
  }
}
