import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databasePath, openStore } from '../open-store.js';
import { batch, contents, row, storeContract } from '../store.contract.js';
import { inspectDatabaseFile } from './database-file.js';
import { currentFormat } from './migrations.js';
import { SqliteStore } from './sqlite-store.js';

storeContract('sqlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'store-'));
  return { open: () => openStore('sqlite', directory), remove: () => rm(directory, { recursive: true }) };
});

describe('SqliteStore', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-'));
    path = databasePath(directory);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('refuses a file that another store has open, and says what to do', async () => {
    const first = await SqliteStore.open(path);
    await expect(SqliteStore.open(path)).rejects.toMatchObject({ reason: 'in-use', message: expect.stringContaining(path) });
    await first.write(batch([row('VM', 'a', '1')]));
    await first.close();
    const second = await SqliteStore.open(path);
    expect((await contents(second)).rows).toEqual([row('VM', 'a', '1')]);
    await second.close();
  });

  it('refuses a file of a newer format and leaves it alone', async () => {
    await (await SqliteStore.open(path)).close();
    raiseFormat(path, currentFormat + 1);
    await expect(SqliteStore.open(path)).rejects.toMatchObject({
      reason: 'newer-format',
      message: expect.stringContaining(`format ${currentFormat + 1}`),
    });
    expect(new SQLite(path, { readonly: true }).pragma('user_version', { simple: true })).toBe(currentFormat + 1);
  });

  it("refuses another program's database and a file that is none", async () => {
    const foreign = new SQLite(path);
    foreign.exec('CREATE TABLE bookmark (url TEXT)');
    foreign.close();
    await expect(SqliteStore.open(path)).rejects.toMatchObject({ reason: 'foreign' });
    await writeFile(path, 'x'.repeat(8192));
    await expect(SqliteStore.open(path)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(SqliteStore.open(join(directory, 'missing', 'state.db'))).rejects.toMatchObject({ reason: 'io' });
  });

  it('rejects a write for which there is no room, keeps nothing of it, and goes on', async () => {
    const store = await SqliteStore.open(path, { maxPages: 40 });
    await store.write(batch([row('VM', 'before', 'x')]));
    const large = [row('VM', 'small', 'x'), row('VM', 'large', 'x'.repeat(1_000_000))];
    await expect(store.write(batch(large, { generation: '9' }))).rejects.toMatchObject({ reason: 'io' });
    await store.write(batch([row('VM', 'after', 'x')]));
    expect(await contents(store)).toEqual({ rows: [row('VM', 'after', 'x'), row('VM', 'before', 'x')], meta: {} });
    await store.close();
  });

  it('gives up what was issued behind a failing write, and keeps what was issued before it', async () => {
    const store = await SqliteStore.open(path, { maxPages: 40 });
    const outcomes = await Promise.allSettled([
      store.write(batch([row('VM', 'before', 'x')])),
      store.write(batch([row('VM', 'large', 'x'.repeat(1_000_000))])),
      store.write(batch([row('VM', 'behind', 'x')])),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await contents(store)).rows).toEqual([row('VM', 'before', 'x')]);
    await store.close();
  });

  it('shares one flush between writes that are issued together', async () => {
    const store = await SqliteStore.open(path);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => store.write(batch([row('VM', `${n}`, 'x')])).then(() => order.push(n))),
    );
    expect(order).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(store.groups).toBe(1);
    await store.close();
  });

  it('can be inspected when no daemon has it open', async () => {
    const store = await SqliteStore.open(path);
    await store.write(batch([row('VM', 'a', '1'), row('VM', 'b', '1')]));
    expect(() => inspectDatabaseFile(path)).toThrow('in use');
    await store.close();
    expect(inspectDatabaseFile(path)).toEqual({ format: currentFormat, objects: 2 });
  });

  it('lets only the owner read the file and its log', async () => {
    const store = await SqliteStore.open(path);
    await store.write(batch([row('secret', 'a', 'x')]));
    for (const name of [path, `${path}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('loads rows over several messages', async () => {
    const store = await SqliteStore.open(path);
    const rows = Array.from({ length: 3500 }, (_, n) => row('VM', `${n}`.padStart(5, '0'), `text ${n}`));
    await store.write(batch(rows));
    expect((await contents(store)).rows).toEqual(rows);
    await store.close();
  });
});

function raiseFormat(path: string, format: number): void {
  const database = new SQLite(path);
  database.pragma(`user_version = ${format}`);
  database.close();
}
