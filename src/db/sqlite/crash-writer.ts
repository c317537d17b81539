// Started by crash.test.ts: writes numbered batches without end and tells its parent of each that is durable.
import { SqliteStore } from './sqlite-store.js';

/** Writes on the way at a time, so that kills hit transactions of several batches. */
const CONCURRENT_WRITES = 8;

const [path = '', from = '0'] = process.argv.slice(2);
const store = await SqliteStore.open(path);
let next = Number(from);

async function writeOn(): Promise<void> {
  for (;;) {
    const n = next++;
    const rows = Array.from({ length: 5 }, (_, row) => ({ className: 'VM', ref: `${n}-${row}`, text: `${n}` }));
    await store.write({ rows, meta: new Map([['last', `${n}`]]) });
    process.send?.(n);
  }
}

await Promise.all(Array.from({ length: CONCURRENT_WRITES }, writeOn));
