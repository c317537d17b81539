import type { Database } from 'better-sqlite3';

/** One step of the on-disk format. Runs inside a transaction together with the raise of the version number. */
export interface Migration {
  /** What it changes, for the log. */
  readonly title: string;
  readonly apply: (database: Database) => void;
}

/**
 * The steps from an empty file to today's format: the n-th one leads from format n-1 to format n. Steps that were
 * released are never changed, because files in the field have been through them; a change of format adds a step.
 */
export const migrations: readonly Migration[] = [
  {
    title: 'tables of objects and of named values',
    // An ordinary table and an index, not WITHOUT ROWID: rows reach several KB, too wide for the nodes of an index.
    apply: (database) => {
      database.exec(`
        CREATE TABLE object (class TEXT NOT NULL, ref TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (class, ref)) STRICT;
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      `);
    },
  },
];

/** Format that this version of the gateway reads and writes. */
export const currentFormat = migrations.length;

/**
 * Brings a database to the format that `steps` end at, each step in a transaction of its own, so that an interrupted
 * upgrade goes on where it stopped. Returns the titles of the steps taken. The caller has refused newer formats.
 */
export function migrate(database: Database, steps: readonly Migration[] = migrations): readonly string[] {
  const from = formatOf(database);
  return steps.slice(from).map((step, index) => {
    database.transaction(() => {
      step.apply(database);
      database.pragma(`user_version = ${from + index + 1}`);
    })();
    return step.title;
  });
}

/** Format of a database file; 0 when it is empty. */
export function formatOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
