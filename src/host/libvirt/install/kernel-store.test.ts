import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelStore } from './kernel-store.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kernels-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const taking = { limit: 1000, signal: new AbortController().signal, progress: () => undefined };
const file = (tag: string | undefined, content: string) => ({
  tag,
  size: content.length,
  content: Readable.from([Buffer.from(content)]),
});

async function opened(limits: { readonly most?: number; readonly kept?: number }): Promise<KernelStore> {
  const store = new KernelStore(directory, limits);
  await store.prepare();
  return store;
}

describe('kept kernels', () => {
  it('begin with nothing, and have names and permissions of our own', async () => {
    await writeFile(join(directory, 'old'), 'left by a process that was killed');
    const store = await opened({});
    const path = await store.take(file('../../../x', 'abc'), taking);
    expect(await readdir(directory)).toHaveLength(1);
    expect(path).toMatch(new RegExp(`^${directory}/[0-9a-f]{64}$`));
    expect((await stat(path)).mode & 0o777).toBe(0o444);
  });

  it('are the same file for the same content, if that can be told', async () => {
    const store = await opened({});
    const [one, other] = await Promise.all([store.take(file('a', 'x'), taking), store.take(file('a', 'x'), taking)]);
    expect(other).toBe(one);
    expect(await store.take(file('a', 'ignored'), taking)).toBe(one);
    expect(await readFile(one, 'utf8')).toBe('x');
    const untold = await Promise.all([store.take(file(undefined, 'x'), taking), store.take(file(undefined, 'x'), taking)]);
    expect(new Set(untold).size).toBe(2);
    expect(await readdir(directory)).toHaveLength(3);
  });

  it('make room for others only when no start can wait for them any more', async () => {
    const busy = await opened({ most: 10, kept: 60_000 });
    await busy.take(file('a', '12345678'), taking);
    await expect(busy.take(file('b', '12345678'), taking)).rejects.toThrow(/too many installers/);
    expect(await readdir(directory)).toHaveLength(1);
    const idle = await opened({ most: 10, kept: 0 });
    await idle.take(file('a', '12345678'), taking);
    const path = await idle.take(file('b', '12345678'), taking);
    expect(await readFile(path, 'utf8')).toBe('12345678');
  });

  it('come again when somebody has removed them', async () => {
    const store = await opened({});
    await rm(await store.take(file('a', 'x'), taking));
    expect(await readFile(await store.take(file('a', 'x'), taking), 'utf8')).toBe('x');
    await rm(directory, { recursive: true });
    await store.prepare();
    expect(await readFile(await store.take(file('a', 'x'), taking), 'utf8')).toBe('x');
  });

  it('go when nobody has asked for them for a while', async () => {
    const store = await opened({ kept: 30 });
    await store.take(file('a', 'x'), taking);
    for (let i = 0; i < 100 && (await readdir(directory)).length > 0; i++) await sleep(10);
    expect(await readdir(directory)).toEqual([]);
    expect(await readFile(await store.take(file('a', 'y'), taking), 'utf8')).toBe('y');
  });

  it('are never larger than they may be, whatever was said of them', async () => {
    const store = await opened({});
    const endless = { tag: 'a', size: undefined, content: Readable.from(Array(100).fill(Buffer.alloc(100))) };
    await expect(store.take(endless, taking)).rejects.toThrow(/larger than/);
    await expect(store.take({ ...file('b', 'x'.repeat(20)), size: 30 }, taking)).rejects.toThrow(/incomplete/);
    expect(await readdir(directory)).toEqual([]);
  });
});
