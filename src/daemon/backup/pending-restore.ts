import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { rowToText } from '../../db/row-text.js';
import type { Store, StoredRow } from '../../db/store.js';
import { classModel, findClassModel } from '../../model/class-model.js';
import type { DumpObject } from '../../wire/database-dump.js';

/** Where what was restored waits for the next start, and where it is put together. */
const READY = 'restore';
const UNFINISHED = 'restore.unfinished-';
const ROWS = 'rows';
const FILES = 'files';
const NEWLINE = 0x0a;

const row = z.object({ className: z.string(), ref: z.string(), text: z.string() });

/**
 * A state that takes the place of the present one at the next start of the daemon: rows of the database, and files of the data
 * directory. It counts from `commit` on, whole, whatever is killed when.
 */
export class PendingRestore {
  readonly #dataDir: string;
  readonly #directory: string;

  private constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#directory = join(dataDir, UNFINISHED + randomUUID());
  }

  static async begin(dataDir: string): Promise<PendingRestore> {
    const restore = new PendingRestore(dataDir);
    await mkdir(join(restore.#directory, FILES), { recursive: true, mode: 0o700 });
    return restore;
  }

  /** Adds a file by its name in the data directory, which the caller has checked. */
  async addFile(name: string, content: AsyncIterable<Buffer>): Promise<void> {
    const path = join(this.#directory, FILES, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeThrough(path, content);
  }

  /** Sets the objects of the database. */
  async setObjects(objects: readonly DumpObject[]): Promise<void> {
    await writeThrough(join(this.#directory, ROWS), rowLines(objects));
  }

  /** Makes it count. */
  async commit(): Promise<void> {
    await syncTree(this.#directory);
    const ready = join(this.#dataDir, READY);
    await rm(ready, { recursive: true, force: true });
    await rename(this.#directory, ready);
    await syncDirectory(this.#dataDir);
  }

  async abandon(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Puts files that wait to be restored in their places, and removes what was never finished. Before anything of them is read. */
export async function restoreFiles(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir))
    if (name.startsWith(UNFINISHED)) await rm(join(dataDir, name), { recursive: true, force: true });
  const files = join(dataDir, READY, FILES);
  if (await exists(files)) await moveInto(files, dataDir);
}

/** Each file takes its place at once; where this is broken off, the rest follows at the next start. */
async function moveInto(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await moveInto(source, target);
    else await rename(source, target);
  }
  await syncDirectory(to);
}

/**
 * Puts rows that wait to be restored in the place of those of the store, all at once, and ends the restore; false where none
 * waits. Messages stay, and counts of changes go on, so that tokens which clients hold stay true.
 */
export async function restoreRows(dataDir: string, store: Store): Promise<boolean> {
  const path = join(dataDir, READY, ROWS);
  if (!(await exists(path))) return false;
  const rows = await readRows(path);
  const kept = new Set(rows.map(({ ref }) => ref));
  const gone: StoredRow[] = [];
  for (const { className, ref } of (await store.load()).rows)
    if (!kept.has(ref) && findClassModel(className)?.schema.storage === 'durable') gone.push({ className, ref, text: null });
  await store.write({ rows: [...gone, ...rows], meta: new Map() });
  await rm(join(dataDir, READY), { recursive: true, force: true });
  return true;
}

function* rowLines(objects: readonly DumpObject[]): Generator<Buffer> {
  for (const { className, ref, fields } of objects) {
    const text = rowToText(classModel(className), Object.fromEntries(fields));
    yield Buffer.from(`${JSON.stringify({ className, ref, text })}\n`);
  }
}

async function readRows(path: string): Promise<StoredRow[]> {
  const bytes = await readFile(path);
  const rows: StoredRow[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    rows.push(row.parse(JSON.parse(bytes.toString('utf8', start, end))));
    start = end + 1;
  }
  return rows;
}

async function writeThrough(path: string, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of content) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Names are on the disk when their directories are. */
async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await syncTree(join(path, entry.name));
  await syncDirectory(path);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
