import { spawn } from 'node:child_process';

/** How a program is run. */
export interface ExecuteOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. */
  readonly input?: string;
  /** `none` for programs that go on in the background and keep their output open. Nothing is told of their failure then but the status. */
  readonly output?: 'kept' | 'none';
  /** Milliseconds until it is killed and counts as failed. */
  readonly timeout?: number;
}

/** Longer than anything here takes on a busy machine, short enough that a hung program is noticed. */
const PATIENCE = 120_000;

/** Runs a program to its end and resolves to what it printed. Rejects with its error output when it fails. */
export async function execute(program: string, args: readonly string[], options: ExecuteOptions = {}): Promise<string> {
  const { cwd, env, input = '', output = 'kept', timeout = PATIENCE } = options;
  const outputs = output === 'kept' ? 'pipe' : 'ignore';
  const child = spawn(program, args, {
    stdio: ['pipe', outputs, outputs],
    env: { ...process.env, LC_ALL: 'C', ...env },
    timeout,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => out.push(data));
  child.stderr?.on('data', (data: Buffer) => err.push(data));
  // A program that ends without reading is no error.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  if (status === 0) return Buffer.concat(out).toString();
  throw new Error(
    `${[program, ...args].join(' ')} ended with ${status}:\n${Buffer.concat([...err, ...out])
      .toString()
      .trim()}`,
  );
}
