import { chmodSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import type { StoredRow } from '../store.js';
import { StoreError } from '../store-error.js';
import { currentFormat, formatOf, type Migration, migrate, migrations } from './migrations.js';
import type { PackedBatch } from './packed-batch.js';

/** "XGdb": tells our files from other programs' SQLite files. */
const APPLICATION_ID = 0x58476462;

/** How long a daemon that is just ending may still hold the file, in milliseconds. */
const IN_USE_PATIENCE = 500;

/** Size that the write-ahead log is cut back to after a burst, in bytes. */
const LOG_SIZE_LIMIT = 64 * 1024 * 1024;

export interface DatabaseFileOptions {
  /** Pages of 4 KiB that the file may grow to; as far as the disk allows when absent. */
  readonly maxPages?: number;
  /** Format steps, other than the real ones in tests. */
  readonly steps?: readonly Migration[];
}

/** How many batches, from the first, are durable; the others are not kept, for the reason given. */
export interface WriteOutcome {
  readonly written: number;
  readonly error?: StoreError;
}

/**
 * The SQLite file behind the store. Every call blocks until the disk has answered, so it lives in a worker thread.
 * While it is open no other process can open it; the kernel lifts that lock when the process dies, however it dies.
 */
export class DatabaseFile {
  /** Titles of the format steps that opening took. */
  readonly upgraded: readonly string[];
  readonly #database: SQLite.Database;
  readonly #put: SQLite.Statement<[string, string, string]>;
  readonly #remove: SQLite.Statement<[string, string]>;
  readonly #putMeta: SQLite.Statement<[string, string]>;

  /** Opens or makes the file. Throws StoreError. */
  constructor(path: string, options: DatabaseFileOptions = {}) {
    this.#database = open(path);
    try {
      this.upgraded = prepare(this.#database, path, options.steps ?? migrations);
      if (options.maxPages !== undefined) this.#database.pragma(`max_page_count = ${options.maxPages}`);
      this.#put = this.#database.prepare(
        'INSERT INTO object (class, ref, text) VALUES (?, ?, ?) ON CONFLICT (class, ref) DO UPDATE SET text = excluded.text',
      );
      this.#remove = this.#database.prepare('DELETE FROM object WHERE class = ? AND ref = ?');
      this.#putMeta = this.#database.prepare(
        'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      );
    } catch (thrown) {
      this.#database.close();
      throw storeError(thrown, path);
    }
  }

  /** Every object, one after the other. Nothing may be written while it is being read. Throws StoreError. */
  *rows(): IterableIterator<StoredRow> {
    try {
      const select = this.#database.prepare<[], [string, string, string]>('SELECT class, ref, text FROM object').raw();
      for (const [className, ref, text] of select.iterate()) yield { className, ref, text };
    } catch (thrown) {
      throw storeError(thrown, this.#database.name);
    }
  }

  meta(): ReadonlyMap<string, string> {
    try {
      return new Map(this.#database.prepare<[], [string, string]>('SELECT name, value FROM meta').raw().all());
    } catch (thrown) {
      throw storeError(thrown, this.#database.name);
    }
  }

  /**
   * Makes batches durable in order, all with one flush when nothing goes wrong. A batch that fails (a full disk) is
   * given up whole, and so are the ones behind it, because they may build on it; the ones before it are kept.
   */
  write(batches: readonly PackedBatch[]): WriteOutcome {
    const together = this.#commit(batches);
    if (together === undefined) return { written: batches.length };
    if (batches.length === 1) return { written: 0, error: together };
    for (const [index, batch] of batches.entries()) {
      const error = this.#commit([batch]);
      if (error !== undefined) return { written: index, error };
    }
    return { written: batches.length };
  }

  close(): void {
    this.#database.close();
  }

  #commit(batches: readonly PackedBatch[]): StoreError | undefined {
    try {
      this.#database.transaction(() => {
        for (const batch of batches) this.#apply(batch);
      })();
      return undefined;
    } catch (thrown) {
      return storeError(thrown, this.#database.name);
    }
  }

  #apply({ rows, meta }: PackedBatch): void {
    for (const [className, ref, text] of rows) {
      if (text === null) this.#remove.run(className, ref);
      else this.#put.run(className, ref, text);
    }
    for (const [name, value] of meta) this.#putMeta.run(name, value);
  }
}

/** Format and number of objects of a file that no daemon has open, without changing what it holds. Throws StoreError. */
export function inspectDatabaseFile(path: string): { readonly format: number; readonly objects: number } {
  const database = open(path, true);
  try {
    takeForOurselves(database);
    const format = refuseOthers(database, path, currentFormat);
    if (database.pragma('quick_check(1)', { simple: true }) !== 'ok') throw damaged(path);
    const objects = format === 0 ? 0 : Number(database.prepare('SELECT count(*) FROM object').pluck().get());
    return { format, objects };
  } catch (thrown) {
    throw storeError(thrown, path);
  } finally {
    database.close();
  }
}

/** Texts of the objects of a class in a file that no daemon has open. Throws StoreError. */
export function objectsInFile(path: string, className: string): readonly string[] {
  const database = open(path, true);
  try {
    takeForOurselves(database);
    if (refuseOthers(database, path, currentFormat) === 0) return [];
    return database.prepare<[string], string>('SELECT text FROM object WHERE class = ?').pluck().all(className);
  } catch (thrown) {
    throw storeError(thrown, path);
  } finally {
    database.close();
  }
}

function open(path: string, existing = false): SQLite.Database {
  try {
    return new SQLite(path, { timeout: IN_USE_PATIENCE, fileMustExist: existing });
  } catch (thrown) {
    throw storeError(thrown, path);
  }
}

function prepare(database: SQLite.Database, path: string, steps: readonly Migration[]): readonly string[] {
  takeForOurselves(database);
  refuseOthers(database, path, steps.length);
  // The objects hold secrets. The log takes the mode of the file.
  chmodSync(path, 0o600);
  if (database.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
    throw new StoreError('io', `${path}: this file system cannot hold the database's log: name a data directory on a local disk`);
  }
  database.pragma('synchronous = FULL');
  database.pragma(`journal_size_limit = ${LOG_SIZE_LIMIT}`);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  return migrate(database, steps);
}

/**
 * Keeps every other process out until the file is closed. Before the first look at it, because then the write-ahead
 * log needs no shared memory, and of two daemons that start at once exactly one gets the file.
 */
function takeForOurselves(database: SQLite.Database): void {
  database.pragma('locking_mode = EXCLUSIVE');
  database.exec('BEGIN EXCLUSIVE; COMMIT');
}

/** Format of the file. Throws StoreError when it is another program's or a later version's. */
function refuseOthers(database: SQLite.Database, path: string, newest: number): number {
  const format = formatOf(database);
  const application = Number(database.pragma('application_id', { simple: true }));
  const empty = format === 0 && database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (!empty && application !== APPLICATION_ID) {
    throw new StoreError('foreign', `${path} is a database of another program: name another data directory`);
  }
  if (format > newest) {
    throw new StoreError(
      'newer-format',
      `${path} has format ${format} and this version of the gateway knows formats up to ${newest}: run the newer version again, or name another data directory`,
    );
  }
  return format;
}

function damaged(path: string, cause?: unknown): StoreError {
  return new StoreError(
    'damaged',
    `${path} is damaged or not a database: put a backup in its place, or move it away to begin anew`,
    {
      cause,
    },
  );
}

function storeError(thrown: unknown, path: string): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const code = thrown instanceof SQLite.SqliteError ? thrown.code : '';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new StoreError(
      'in-use',
      `${path} is in use by another process: stop the gateway that runs on this data directory, or name another one`,
    );
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(path, thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new StoreError('io', `${path}: ${text}${code === '' ? '' : ` (${code})`}`, { cause: thrown });
}
