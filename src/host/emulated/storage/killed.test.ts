import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../test-world.js';
import { driverOf } from './drivers.js';
import { SrStore } from './sr-store.js';

const SIZE = 2 ** 22;
/** Bytes of which a write that was interrupted has done all or nothing. */
const PAGE = 4096;

/** What the disk holds after that many rounds of the writer. */
function contentAfter(rounds: number): Buffer {
  const content = Buffer.alloc(SIZE);
  for (let round = 1; round <= rounds; round++) content.fill(round % 250, (round % 40) * 70_000, (round % 40) * 70_000 + 90_000);
  return content;
}

it('loses nothing that was said when the process is killed, whenever that is', { timeout: 60_000 }, async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const directory = await temporaryDirectory();
    const program = fileURLToPath(new URL('./killed-writer.ts', import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, program, directory.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 40 + attempt * 130));
    child.kill('SIGKILL');
    // The last line may be cut off: what it says was not said.
    const lines = (await output).split('\n').slice(0, -1);
    const said = (word: string): string[][] => lines.map((line) => line.split(' ')).filter(([first]) => first === word);
    const warnings: string[] = [];
    const store = new SrStore('11111111-1111-4111-8111-111111111111', directory.path, driverOf('ext'), 2 ** 40, (message) =>
      warnings.push(message),
    );
    const read = (location: string): Promise<Buffer> => store.withChain(location, (chain) => chain.read(0, chain.size));
    const destroyed = new Set(said('destroying').map(([, location]) => location));
    const kept = said('snapshot').filter(([, , location]) => !destroyed.has(location));
    expect(kept.length).toBeGreaterThan(0);
    for (const [, round, location = ''] of kept) {
      expect((await read(location)).equals(contentAfter(Number(round)))).toBe(true);
    }
    // The round under way may have begun.
    const rounds = said('written').length;
    const active = await read(lines[0]?.split(' ')[1] ?? '');
    const possible = [contentAfter(rounds), contentAfter(rounds + 1)];
    for (let at = 0; at < SIZE; at += PAGE) {
      const part = active.subarray(at, at + PAGE);
      expect(possible.some((content) => content.subarray(at, at + PAGE).equals(part))).toBe(true);
    }
    await store.settled();
    for (const [, round, location = ''] of kept) {
      expect((await read(location)).equals(contentAfter(Number(round)))).toBe(true);
    }
    expect(warnings.filter((message) => !message.includes('cannot be read'))).toEqual([]);
    await store.close();
    await directory.remove();
  }
});
