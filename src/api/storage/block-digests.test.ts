import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { BLOCK_SIZE, blocksOf, digestOf, digestOfNothing, digestsOf } from './block-digests.js';
import { forgetDigests, keepDigests, keptDigests } from './block-digests-file.js';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

let directory: string | undefined;
afterEach(async () => {
  if (directory) await rm(directory, { recursive: true });
  directory = undefined;
});

test('a stream in pieces of any size gives whole blocks and a short last one', async () => {
  const bytes = Buffer.from(Array.from({ length: BLOCK_SIZE * 2 + 100 }, (_, i) => i % 251));
  for (const size of [1000, BLOCK_SIZE, BLOCK_SIZE * 3]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    const blocks = await collect(blocksOf(Readable.from(pieces)));
    expect(blocks.map((block) => block.length)).toEqual([BLOCK_SIZE, BLOCK_SIZE, 100]);
    expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
  }
});

test('a short block counts as filled up with zeros', () => {
  const block = Buffer.alloc(BLOCK_SIZE);
  block[3] = 7;
  expect(digestOf(block.subarray(0, 10)).equals(digestOf(block))).toBe(true);
  expect(digestOf(Buffer.alloc(5)).equals(digestOfNothing())).toBe(true);
  expect(digestOf(block).equals(digestOfNothing())).toBe(false);
});

test('kept digests come back in order and are gone once forgotten', async () => {
  directory = await mkdtemp(join(tmpdir(), 'digests-'));
  const bytes = Buffer.alloc(BLOCK_SIZE * 40);
  bytes.writeUInt32LE(1, BLOCK_SIZE * 17);
  await keepDigests(directory, 'one', digestsOf(Readable.from([bytes])));
  const back = await collect(keptDigests(directory, 'one', 'ref'));
  expect(back).toHaveLength(40);
  expect(back.findIndex((digest) => !digest.equals(digestOfNothing()))).toBe(17);
  await forgetDigests(directory, 'one');
  await expect(collect(keptDigests(directory, 'one', 'ref'))).rejects.toMatchObject({
    code: 'VDI_NO_CBT_METADATA',
    params: ['ref'],
  });
});
