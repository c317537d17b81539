import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { ImageError, imageError } from './image-error.js';

/** A program that runs, with nothing to read and its output to be read. */
export type Program = ChildProcessByStdio<null, Readable, Readable>;

/** Longest output of an error that is kept: programs of QEMU say it in a line or two. */
const LONGEST_COMPLAINT = 1000;

/**
 * Starts one of QEMU's programs. It ends with the daemon, however that ends: left alone it would hold its locks on
 * images for ever. The kernel's means for that has no call in Node, but a program of every Linux distribution.
 */
export function startProgram(name: string, args: readonly string[]): Program {
  return spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // What it says is read here; in other languages it would not be understood.
    env: { ...process.env, LC_ALL: 'C' },
  });
}

/** Resolves when a program has ended well. Rejects with an ImageError that has what it said. */
export async function ended(program: Program): Promise<void> {
  let said = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, LONGEST_COMPLAINT);
  });
  const status = await new Promise<number | string>((resolve, reject) => {
    program.once('error', (error) => reject(new ImageError('failed', error.message)));
    program.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  if (status !== 0) throw imageError(said.trim() || `${program.spawnargs[3]} ended with ${status}`);
}
