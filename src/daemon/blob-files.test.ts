import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../db/database.js';
import { MemoryStore } from '../db/memory-store.js';
import { openDatabase } from '../db/open.js';
import type { Ref } from '../model/ref.js';
import { BlobFiles } from './blob-files.js';

let dataDir: string;
let db: Database;
let files: BlobFiles;
let blob: Ref<'blob'>;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'blob-files-'));
  db = await openDatabase(new MemoryStore(), (error) => {
    throw error;
  });
  files = new BlobFiles(db, dataDir);
  blob = db.create('blob', { name_label: 'icon', mime_type: 'image/png', public: true });
});
afterEach(() => rm(dataDir, { recursive: true }));

async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function content(): Promise<string | undefined> {
  const read = await files.read(blob);
  if (!read) return undefined;
  const parts: Buffer[] = [];
  for await (const part of read.content) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts).toString();
}

it('finds blobs by reference and uuid', () => {
  const wanted = { ref: blob, mimeType: 'image/png', public: true, size: 0 };
  expect(files.find(blob)).toEqual(wanted);
  expect(files.find(db.get('blob', blob).uuid)).toEqual(wanted);
  expect(files.find('no such blob')).toBeUndefined();
});

it('keeps what is written, with its size in the record, until it is written anew', async () => {
  expect(await files.read(blob)).toBeUndefined();
  await files.write(blob, pieces('one ', 'two'));
  expect(await content()).toBe('one two');
  expect(db.get('blob', blob).size).toBe(7);
  await files.write(blob, pieces('new'));
  expect(await content()).toBe('new');
});

it('keeps the old content when the new one breaks off, and leaves no part of it', async () => {
  await files.write(blob, pieces('old'));
  const broken = (async function* () {
    yield Buffer.from('half');
    throw new Error('the client is gone');
  })();
  await expect(files.write(blob, broken)).rejects.toThrow('the client is gone');
  expect(await content()).toBe('old');
  expect(db.get('blob', blob).size).toBe(3);
  expect((await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())).toHaveLength(1);
});

it('refuses content for a blob that is destroyed meanwhile', async () => {
  const slow = (async function* () {
    yield Buffer.from('late');
    db.destroy('blob', blob);
  })();
  await expect(files.write(blob, slow)).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
});
