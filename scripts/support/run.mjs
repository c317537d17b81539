import { spawn } from 'node:child_process';

/** The repository. */
export const root = new URL('../../', import.meta.url);

/** Prints a line for whoever watches. On standard error: standard output belongs to what is started afterwards. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a program in the repository with its output shown. Resolves to its exit status. */
export function run(program, args, { env = {}, output = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', output, 'inherit'], env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (signal) say(`${program} was ended by ${signal}`);
      resolve(status ?? 1);
    });
  });
}

/** Runs a program that must succeed. What it prints goes to standard error. */
export async function must(program, args, options) {
  const status = await run(program, args, { output: process.stderr, ...options });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with status ${status}`);
}
