import { type ClassModel, classModels } from '../model/class-model.js';
import { storageText } from '../model/storage-text.js';
import type { ClassName } from '../model/types.js';
import { emptyValue } from './database-dump.js';
import { protect } from './database-dump-text.js';

/** An object as it goes into a dump. A field that is left out is written with its empty value. */
export interface DumpRow {
  readonly ref: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Counts of the database's changes at which the object was made and last changed; 0 if not known. */
  readonly created?: number;
  readonly modified?: number;
}

/** What stands at the head of a dump. */
export interface DumpManifest {
  readonly schemaMajor: number;
  readonly schemaMinor: number;
  /** Count of changes that the database has seen. */
  readonly generation: number;
}

/** Characters that are gathered before they are handed on: large enough for few writes, small enough for memory. */
const CHUNK = 64 * 1024;

/**
 * A whole dump as text, chunk by chunk. `rowsOf` is asked once for each durable class; classes that do not outlive a
 * restart have an empty table, as readers expect every table.
 */
export function* writeDatabaseDump(
  manifest: DumpManifest,
  rowsOf: (className: ClassName) => Iterable<DumpRow>,
): Generator<string, void, undefined> {
  let text = `<?xml version="1.0" encoding="UTF-8"?>\n<database><manifest>${pairs(manifest)}</manifest>`;
  for (const model of storedClasses) {
    text += `<table name="${model.name}">`;
    if (model.schema.storage === 'durable') {
      for (const row of rowsOf(model.name)) {
        text += rowText(model, row);
        if (text.length >= CHUNK) {
          yield text;
          text = '';
        }
      }
    }
    text += '</table>';
  }
  yield `${text}</database>`;
}

const storedClasses = classModels.filter((m) => m.schema.storage !== 'none').sort((a, b) => (a.name < b.name ? -1 : 1));

function pairs(manifest: DumpManifest): string {
  const values = [
    ['schema_major_vsn', manifest.schemaMajor],
    ['schema_minor_vsn', manifest.schemaMinor],
    ['generation_count', manifest.generation],
  ];
  return values.map(([key, value]) => `<pair key="${key}" value="${value}"/>`).join('');
}

function rowText(model: ClassModel, { ref, fields, created = 0, modified = 0 }: DumpRow): string {
  const name = protect(ref);
  let text = `<row ref="${name}" __ctime="${created}" __mtime="${modified}" _ref="${name}"`;
  for (const field of model.fields) {
    const value = Object.hasOwn(fields, field.name) ? fields[field.name] : emptyValue(field);
    text += ` ${field.column}="${protect(storageText(field.type, value))}"`;
  }
  return `${text}/>`;
}
