import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe } from 'vitest';

/** Where Debian's fence-agents keep the Python module XenAPI. */
export const FENCE_MODULES = '/usr/share/fence';

/** Debian's own Python, which its packages install modules for. */
export const PYTHON = '/usr/bin/python3';

/** How a program ended and what it printed. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Text for its standard input can be given. */
export function runProgram(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text;
      });
    }
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...printed }));
    // A program that ends without reading is no error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/**
 * `describe` for a client that comes with a Debian package: skipped where it could not be installed, and never in CI,
 * where a missing client has to be noticed.
 */
export function describeWith(...paths: readonly string[]): typeof describe | typeof describe.skip {
  return process.env.CI || paths.every((path) => existsSync(path)) ? describe : describe.skip;
}
