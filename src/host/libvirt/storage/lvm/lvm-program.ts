import { spawn } from 'node:child_process';
import { LvmError, lvmError } from './lvm-error.js';

/**
 * Runs a command of LVM, the first of the words, and resolves to what it printed. Rejects with LvmError. Tests put their own in
 * its place.
 */
export type RunLvm = (words: readonly string[]) => Promise<string>;

/** Longest report in bytes: one of 50,000 volumes has some 20 MB. */
const LONGEST_REPORT = 64 * 2 ** 20;
/** Longest complaint that is kept, from its start: LVM says what is wrong in some lines, after warnings that may be many. */
const LONGEST_COMPLAINT = 16_384;
/** Where LVM's programs are; a daemon's path may not say so. */
const PLACES = '/usr/sbin:/sbin';

/**
 * Nobody needs LVM's own copies of the metadata of each step: one of 2,000 volumes has a megabyte and more, and those of a group
 * that was destroyed would stay.
 */
const NO_COPIES = ['--config', 'backup { backup = 0 archive = 0 }'];

/**
 * The LVM of this machine, with further variables of its environment. A command is never ended from here, and goes on when the
 * daemon is killed: in the midst of a change it may hold devices still.
 */
export function lvmProgram(variables: Readonly<Record<string, string>> = {}): RunLvm {
  return (words) => run(words, variables);
}

function run(words: readonly string[], variables: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command = '', ...options] = words;
    const program = spawn('lvm', [command, ...NO_COPIES, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${process.env.PATH ?? ''}:${PLACES}`,
        // What it says is read here; in other languages it would not be understood.
        LC_ALL: 'C',
        // Node has files open that LVM would wonder at.
        LVM_SUPPRESS_FD_WARNINGS: '1',
        ...variables,
      },
    });
    const printed: Buffer[] = [];
    let length = 0;
    let complaint = '';
    program.stdout.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= LONGEST_REPORT) printed.push(part);
    });
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, LONGEST_COMPLAINT);
    });
    program.once('error', (error) => {
      const isMissing = 'code' in error && error.code === 'ENOENT';
      reject(
        isMissing
          ? new LvmError('noProgram', 'The host has no LVM: install the package lvm2')
          : new LvmError('failed', error.message),
      );
    });
    program.once('close', (code, signal) => {
      if (code !== 0) reject(lvmError(complaint, `${command} ended with ${code ?? signal}`));
      else if (length > LONGEST_REPORT) reject(new LvmError('failed', `${command} tells of too many volumes`));
      else resolve(Buffer.concat(printed).toString());
    });
  });
}
