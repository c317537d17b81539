import { type ClassModel, classModel } from '../../model/class-model.js';
import { readerOf } from './readers.js';
import type { Access, Field, RecordClass } from './record-class.js';
import type { ClassTable, Reader, Row } from './row.js';
import { type Writers, writersOf } from './writers.js';

/** The class of a table. Throws on a row that the model cannot fill. */
export function buildClass(table: ClassTable): RecordClass {
  const model = classModel(table.of);
  return {
    name: table.name,
    of: table.of,
    fields: table.rows.map((row) => buildField(model, row)),
    shown: table.shown ?? [],
    implied: table.implied ?? [],
  };
}

function buildField(model: ClassModel, row: Row): Field {
  const from = row.from ?? row.name.replaceAll('-', '_');
  const reader = row.read ?? readerOf(model, row, from);
  const writers = writersOf(model, row, from);
  return {
    name: row.name,
    access: accessOf(reader, writers),
    ...(row.hidden && { hidden: true }),
    ...(row.expensive && { expensive: true }),
    ...(row.deprecated && { deprecated: true }),
    ...(row.ignoresCase && { ignoresCase: true }),
    ...reader,
    ...writers,
  };
}

/** The label follows from what can be read first, then from what can be written: maps whose keys can only be set look read-only. */
function accessOf(reader: Reader, writers: Writers): Access {
  if (reader.members) return writers.addMember ? 'SRW' : 'SRO';
  if (reader.entries) return writers.addKey ? 'MRW' : 'MRO';
  return writers.set ? 'RW' : 'RO';
}
