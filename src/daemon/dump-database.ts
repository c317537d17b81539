import type { Database } from '../db/database.js';
import type { ClassName } from '../model/types.js';
import { type DumpRow, writeDatabaseDump } from '../wire/database-dump-writer.js';

/** Version of the database's schema that the model follows, as dumps name it. */
export const SCHEMA = { schemaMajor: 5, schemaMinor: 786 };

/**
 * The whole database as a dump that `--load-dump` takes, piece by piece. It shows one moment, that of the call, however long
 * the reading takes: records are never changed, so holding them is enough.
 */
export function dumpDatabase(db: Database): Iterable<string> {
  const rows = new Map<ClassName, readonly DumpRow[]>();
  for (const table of db.tables()) {
    if (table.model.schema.storage !== 'durable') continue;
    const held = Array.from(table.rows.values(), ({ ref, version, created, modified }) => {
      return { ref, fields: version.fields as Readonly<Record<string, unknown>>, created, modified };
    });
    rows.set(table.model.name, held);
  }
  // Roles follow from the model, and every server has its own.
  rows.delete('role');
  return writeDatabaseDump({ ...SCHEMA, generation: db.generation }, (className) => rows.get(className) ?? []);
}
