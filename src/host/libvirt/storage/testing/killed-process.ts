import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';

const BLOCK = 65_536;

/** What a process said before it was killed. */
export interface KilledProcess {
  /** Location of the disk that it worked on. */
  readonly disk: string;
  /** Rounds that it wrote. */
  readonly written: number;
  /** Snapshots that it made and did not begin to destroy: location, and the round that each is of. */
  readonly snapshots: readonly (readonly [location: string, round: number])[];
}

/** Runs a program that works on disks, and kills it some milliseconds after it has begun to destroy a snapshot. */
export async function killed(program: string, args: readonly string[], after: number): Promise<KilledProcess> {
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  // However slow the machine is.
  let heard = '';
  child.stdout.on('data', (part: Buffer) => {
    heard += part.toString();
  });
  while (!heard.includes('destroying') && child.exitCode === null)
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  await new Promise((resolve) => setTimeout(resolve, after));
  child.kill('SIGKILL');
  await once(child, 'close');
  // The last line may be cut off: what it says was not said.
  const lines = (await output).split('\n').slice(0, -1);
  const said = (word: string): string[][] => lines.map((line) => line.split(' ')).filter(([first]) => first === word);
  const [[, disk = ''] = []] = said('disk');
  const destroyed = new Set(said('destroying').map(([, location]) => location));
  const snapshots = said('snapshot').flatMap(([, round, location = '']) =>
    destroyed.has(location) ? [] : [[location, Number(round)] as const],
  );
  return { disk, written: said('written').length, snapshots };
}

/** Which blocks of a disk hold the number of their round. */
export function rounds(content: Buffer): readonly number[] {
  const found: number[] = [];
  for (let round = 1; round * BLOCK < content.length; round++) {
    const block = content.subarray(round * BLOCK, (round + 1) * BLOCK);
    if (block.every((byte) => byte === round)) found.push(round);
    else expect(block.every((byte) => byte === 0)).toBe(true);
  }
  return found;
}

/** The numbers from one on. */
export function upTo(round: number): readonly number[] {
  return Array.from({ length: round }, (_, index) => index + 1);
}
