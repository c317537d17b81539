import { setTimeout as sleep } from 'node:timers/promises';
import SQLite from 'better-sqlite3';

/** Between two tries for a lock that another process holds, in milliseconds. */
const RETRY_INTERVAL = 20;

/** Another process holds the lock. */
export class FileLockedError extends Error {
  override readonly name = 'FileLockedError';
}

/**
 * A lock between processes, and between parts of one. The kernel lifts it when its holder dies, so there is none that
 * is stale. Node has no call for such locks; SQLite has, and opens an empty file for it that holds nothing.
 */
export class FileLock {
  readonly #database: SQLite.Database;

  private constructor(database: SQLite.Database) {
    this.#database = database;
  }

  /** Takes the lock. Rejects with FileLockedError when it is still held after `patience` milliseconds. */
  static async take(path: string, patience = 0): Promise<FileLock> {
    const deadline = Date.now() + patience;
    // Without a time limit of SQLite's own, which would block the event loop while it waits.
    const database = new SQLite(path, { timeout: 0 });
    for (;;) {
      try {
        database.exec('BEGIN EXCLUSIVE');
        return new FileLock(database);
      } catch (thrown) {
        const held = thrown instanceof SQLite.SqliteError && thrown.code.startsWith('SQLITE_BUSY');
        if (held && Date.now() < deadline) {
          await sleep(RETRY_INTERVAL);
          continue;
        }
        database.close();
        if (held) throw new FileLockedError(`${path} is locked by another process`);
        throw thrown;
      }
    }
  }

  /** Gives the lock back. The file stays: removing it could take it from under the next holder. */
  release(): void {
    this.#database.close();
  }
}
