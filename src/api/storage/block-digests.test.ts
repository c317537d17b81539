import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { Extent } from '../../host/volume-content.js';
import { BLOCK_SIZE, blocksOf, DIGEST_SIZE, digestOf, digestsOf, digestsOfZeros } from './block-digests.js';
import { forgetDigests, keepDigests, keptDigests } from './block-digests-file.js';
import { DigestSource } from './digest-source.js';

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

/** A disk of these bytes; `read` must stay within what it says to hold. */
function disk(bytes: Buffer, extents: readonly Extent[]) {
  return {
    size: bytes.length,
    extents: async () => extents,
    read: async (offset: number, length: number) => {
      expect(offset + length).toBeLessThanOrEqual(bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

const nothing = Buffer.concat([...digestsOfZeros(1)]);

function split(digests: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(digests);
  return Array.from({ length: all.length / DIGEST_SIZE }, (_, i) => all.subarray(i * DIGEST_SIZE, (i + 1) * DIGEST_SIZE));
}

test('a short block counts as filled up with zeros', async () => {
  const block = Buffer.alloc(BLOCK_SIZE);
  block[3] = 7;
  expect((await digestOf(block.subarray(0, 10))).equals(await digestOf(block))).toBe(true);
  expect((await digestOf(Buffer.alloc(5))).equals(nothing)).toBe(true);
  expect((await digestOf(block)).equals(nothing)).toBe(false);
});

test('digests of a disk are those of its blocks, whatever the storage says to hold', async () => {
  const bytes = Buffer.alloc(BLOCK_SIZE * 50 + 700);
  bytes.fill('a', BLOCK_SIZE * 3 + 100, BLOCK_SIZE * 5 + 1);
  bytes.fill('b', BLOCK_SIZE * 20, BLOCK_SIZE * 45);
  bytes.fill('c', BLOCK_SIZE * 50 + 600);
  const expected = await Promise.all(
    Array.from({ length: 51 }, (_, i) => digestOf(bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE))),
  );
  const exact = [
    { offset: BLOCK_SIZE * 3 + 100, length: 2 * BLOCK_SIZE - 99 },
    { offset: BLOCK_SIZE * 20, length: 25 * BLOCK_SIZE },
    { offset: BLOCK_SIZE * 50 + 600, length: 100 },
  ];
  for (const extents of [exact, [{ offset: 0, length: bytes.length }]])
    expect(split(await collect(digestsOf(disk(bytes, extents))))).toEqual(expected);
});

test('kept digests come back in order, are those of zeros behind the end, and are gone once forgotten', async () => {
  directory = await mkdtemp(join(tmpdir(), 'digests-'));
  const bytes = Buffer.alloc(BLOCK_SIZE * 40);
  bytes.writeUInt32LE(1, BLOCK_SIZE * 17);
  await keepDigests(directory, 'one', digestsOf(disk(bytes, [{ offset: BLOCK_SIZE * 17, length: 4 }])));
  const source = new DigestSource(keptDigests(directory, 'one', 'ref'));
  const back = split([await source.take(10), await source.take(20), await source.take(4200)]);
  expect(back.flatMap((digest, i) => (digest.equals(nothing) ? [] : [i]))).toEqual([17]);
  await source.close();
  await forgetDigests(directory, 'one');
  await expect(collect(keptDigests(directory, 'one', 'ref'))).rejects.toMatchObject({
    code: 'VDI_NO_CBT_METADATA',
    params: ['ref'],
  });
});
