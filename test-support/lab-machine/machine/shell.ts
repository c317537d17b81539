import { readFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import type { ExecuteOptions } from '../../libvirt/execute.js';
import type { Qemu } from './qemu.js';

/** Where the machine's ssh server listens. */
const PORT = 22;

/** Milliseconds until the machine counts as not starting: a busy machine takes 60 s. */
const BOOT_PATIENCE = 240_000;

/** Milliseconds until a handshake counts as lost; in emulation its arithmetic takes half a second. */
const HANDSHAKE_PATIENCE = 30_000;

/** Milliseconds until a program counts as hung. */
const PATIENCE = 120_000;

/** How a program is started: in which directory, and what is added to a small environment of the machine's own. */
export type SpawnOptions = Pick<ExecuteOptions, 'cwd' | 'env'>;

/** A program that runs in the machine. */
export interface RemoteProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves to its status or the name of the signal that has ended it. */
  readonly ended: Promise<number | string>;
  /** Sends it a signal, such as `TERM`. Resolves when it has it, or has ended. */
  signal(name: string): Promise<void>;
}

/** A connection that programs are started through. */
export class Shell {
  readonly #client: Client;
  #programs = 0;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Connects as soon as there is somebody to connect to. Rejects when nobody comes, or when the machine ends. */
  static async connect(qemu: Qemu, keyFile: string): Promise<Shell> {
    const port = await qemu.forward(PORT);
    const privateKey = await readFile(keyFile);
    const deadline = Date.now() + BOOT_PATIENCE;
    for (;;) {
      try {
        return new Shell(await connection(port, privateKey));
      } catch (thrown) {
        if (Date.now() > deadline || qemu.isOver) throw thrown;
        await sleep(200);
      }
    }
  }

  /** Starts a program. */
  async spawn(program: string, args: readonly string[] = [], options: SpawnOptions = {}): Promise<RemoteProgram> {
    // The server passes no signals on to programs of root, so others have to be told its number.
    this.#programs += 1;
    const pidFile = `/run/program-${this.#programs}`;
    const channel = await this.#open(`echo $$ >${pidFile}; ${commandLine(program, args, options)}`);
    return {
      stdin: channel.stdin,
      stdout: channel.stdout,
      stderr: channel.stderr,
      ended: new Promise((resolve) => {
        channel.once('exit', (code: number | null, signal?: string) => resolve(code ?? signal ?? 'nothing'));
        channel.once('close', () => resolve('nothing'));
      }),
      signal: async (name) => {
        await this.run('sh', ['-c', 'kill -s "$1" "$(cat "$2")" || true', '-', name, pidFile]);
      },
    };
  }

  /** Runs a program to its end. Resolves to what it printed. Rejects with its error output when it fails. */
  async run(program: string, args: readonly string[] = [], options: ExecuteOptions = {}): Promise<string> {
    const { input = '', timeout = PATIENCE } = options;
    const child = await this.spawn(program, args, options);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    child.stdin.end(input);
    const timer = setTimeout(() => void child.signal('KILL'), timeout);
    // Its output may come after its status.
    const [status] = await Promise.all([child.ended, finished(child.stdout), finished(child.stderr)]);
    clearTimeout(timer);
    if (status === 0) return Buffer.concat(out).toString();
    const said = Buffer.concat([...err, ...out])
      .toString()
      .trim();
    throw new Error(`${[program, ...args].join(' ')} ended with ${status}:\n${said}`);
  }

  /** Takes the connection away. Programs that were started through it lose their input and output. */
  close(): void {
    this.#client.end();
  }

  async #open(line: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      this.#client.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  }
}

async function connection(port: number, privateKey: Buffer): Promise<Client> {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    // More than one error may come; when the machine is gone later, that shows in its programs.
    client.on('error', reject);
    client.once('close', () => reject(new Error('the machine has closed the connection')));
    client.connect({ host: '127.0.0.1', port, username: 'root', privateKey, readyTimeout: HANDSHAKE_PATIENCE });
  }).catch((thrown: unknown) => {
    client.destroy();
    throw thrown;
  });
  return client;
}

/** The machine's shell makes an argument list out of this again, the same. `exec`: the program has the shell's number. */
function commandLine(program: string, args: readonly string[], { cwd, env = {} }: SpawnOptions): string {
  const words = [program, ...args].map(quoted).join(' ');
  const settings = Object.entries({ LC_ALL: 'C', ...env }).map(([name, value]) => `${name}=${quoted(value)} `);
  return `${cwd === undefined ? '' : `cd ${quoted(cwd)} && `}exec env ${settings.join('')}${words}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
