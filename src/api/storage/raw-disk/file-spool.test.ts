import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileSpool } from './file-spool.js';

let directory: string;
let spool: FileSpool;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spool-'));
  spool = new FileSpool(directory);
});
afterEach(async () => {
  await spool.close();
  await rm(directory, { recursive: true });
});

it('finds what it kept, and nothing else', async () => {
  expect(await spool.find(0, 1)).toBeUndefined();
  await spool.keep(100, Buffer.from('abc'));
  await spool.keep(103, Buffer.from('def'));
  await spool.keep(2 ** 40, Buffer.from('far'));
  expect((await spool.find(101, 4))?.toString()).toBe('bcde');
  expect((await spool.find(2 ** 40, 3))?.toString()).toBe('far');
  for (const [at, length] of [
    [99, 2],
    [105, 2],
    [50, 3],
    [106, 1],
    [2 ** 40 + 3, 1],
    [100, 0],
    [100, -5],
  ] as const)
    expect(await spool.find(at, length), `${length} at ${at}`).toBeUndefined();
});

it('leaves no file that others could see', async () => {
  await spool.keep(0, Buffer.alloc(10));
  expect(await readdir(directory)).toEqual([]);
});

it('refuses what goes back', async () => {
  await spool.keep(10, Buffer.alloc(10));
  await expect(spool.keep(5, Buffer.alloc(2))).rejects.toThrow(TypeError);
});
