import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Milliseconds until a program that should end at once is killed: nothing that waits for it may wait for ever. */
const PATIENCE = 15_000;

/** Bytes that a program may print: the links and routes of a host with thousands of guests are a few megabytes. */
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** Characters of a program's complaint that are kept: it becomes the parameter of an error. */
const LONGEST_COMPLAINT = 500;

/** A program could not be run or failed; `text` is what it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly program: string;
  readonly text: string;

  constructor(program: string, text: string) {
    super(`${program}: ${text}`);
    this.program = program;
    this.text = text;
  }
}

/** A program that runs until it is stopped. */
export interface Follower {
  /** Default: in the way that lets it tidy up. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): void;
}

/** What is wanted to be known of a program that runs on. */
export interface FollowListeners {
  line?(line: string): void;
  /** It ended, or could not be started; not called after `stop`. */
  end?(text: string): void;
}

/** Runs the programs that set up the network of a host. */
export interface Commands {
  /** Resolves with what it printed. Rejects with CommandError. */
  run(program: string, args: readonly string[], input?: string): Promise<string>;
  follow(program: string, args: readonly string[], listeners: FollowListeners): Follower;
}

/**
 * Programs of this host. `prefix` runs them through another program, such as one that enters a network namespace; `patience` is how many
 * milliseconds each of them has.
 */
export class HostCommands implements Commands {
  private readonly prefix: readonly string[];
  private readonly patience: number;

  constructor(prefix: readonly string[] = [], patience = PATIENCE) {
    this.prefix = prefix;
    this.patience = patience;
  }

  run(program: string, args: readonly string[], input = ''): Promise<string> {
    const child = this.start(program, args);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    child.stdout?.on('data', (data: Buffer) => {
      size += data.length;
      if (size > LONGEST_OUTPUT) child.kill('SIGKILL');
      else out.push(data);
    });
    child.stderr?.on('data', (data: Buffer) => {
      if (err.length < LONGEST_COMPLAINT) err.push(data);
    });
    // A program that ends without reading says why on its way out.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), this.patience);
      const fail = (text: string): void => reject(new CommandError(program, text));
      child.once('error', (thrown) => {
        clearTimeout(timer);
        fail(thrown.message);
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (code === 0) resolve(Buffer.concat(out).toString());
        else fail(complaint(Buffer.concat(err.length ? err : out).toString()) || `ended with ${signal ?? code}`);
      });
    });
  }

  follow(program: string, args: readonly string[], { line, end }: FollowListeners): Follower {
    const child = this.start(program, args);
    let stopped = false;
    let last = '';
    const finish = (text: string): void => {
      if (stopped) return;
      stopped = true;
      end?.(text);
    };
    child.stdin?.on('error', () => undefined);
    child.stdin?.end();
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (text) => {
        last = text;
        if (!stopped) line?.(text);
      });
    }
    child.once('error', (thrown) => finish(thrown.message));
    child.once('close', (code, signal) => finish(complaint(last) || `ended with ${signal ?? code}`));
    return {
      stop: (signal = 'SIGTERM') => {
        stopped = true;
        child.kill(signal);
      },
    };
  }

  private start(program: string, args: readonly string[]): ChildProcess {
    const [first = program, ...others] = [...this.prefix, program, ...args];
    // Its words become parameters of errors, which are English.
    return spawn(first, others, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
  }
}

/** What a program complained of, in one line, without what only tells where in its input it was. */
function complaint(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/^(?:Error: |RTNETLINK answers: |ovs-vsctl: )/, ''))
    .filter((line) => line !== '' && !/^Command failed -:\d+$/.test(line))
    .join('; ')
    .slice(0, LONGEST_COMPLAINT);
}
