import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contents } from '../store.contract.js';
import type { StoredRow } from '../store.js';
import { SqliteStore } from './sqlite-store.js';

const ROUNDS = 5;
const ROWS_IN_A_BATCH = 5;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crash-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('a killed writer leaves everything that it acknowledged, whole batches only, and no lock', async () => {
  const path = join(directory, 'state.db');
  let acknowledged = -1;
  for (let round = 0; round < ROUNDS; round++) {
    const writer = fork(new URL('./crash-writer.js', import.meta.url), [path, `${acknowledged + 1}`]);
    acknowledged = await killAfter(writer, 20 + Math.random() * 60);

    const store = await SqliteStore.open(path);
    const { rows, meta } = await contents(store);
    await store.close();
    const last = Number(meta.last);
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    expect(batchSizes(rows)).toEqual(new Map(Array.from({ length: last + 1 }, (_, n) => [`${n}`, ROWS_IN_A_BATCH])));
    acknowledged = last;
  }
}, 30_000);

/** How many rows of each batch there are. */
function batchSizes(rows: readonly StoredRow[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { text } of rows) sizes.set(`${text}`, (sizes.get(`${text}`) ?? 0) + 1);
  return sizes;
}

/** Kills the writer some milliseconds after its first acknowledgement. Returns the last one that it sent. */
async function killAfter(writer: ChildProcess, milliseconds: number): Promise<number> {
  let last = -1;
  writer.on('message', (n) => {
    last = Number(n);
  });
  await once(writer, 'message');
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  writer.kill('SIGKILL');
  await once(writer, 'close');
  return last;
}
