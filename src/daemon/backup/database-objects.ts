import { classModel } from '../../model/class-model.js';
import { ApiError } from '../../model/error.js';
import { isNullRef } from '../../model/ref.js';
import type { TypeNode } from '../../model/type-syntax.js';
import { DatabaseDumpReader, type DumpLimits, type DumpObject, type DumpReport } from '../../wire/database-dump.js';
import { DatabaseDumpError } from '../../wire/database-dump-error.js';
import { SCHEMA } from '../dump-database.js';

/** An upload is held whole until it is known to be good: a pool of thousands of VMs dumps some tens of megabytes. */
const UPLOAD: Partial<DumpLimits> = { bytes: 256 * 1024 ** 2, rows: 500_000 };

/** Characters of a reference: those that are made have 46, and what clients are shown must stay readable. */
const REFERENCE = /^[!-~]{1,200}$/;
/** Uuids become parts of paths. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The objects of a database dump that is to take the place of the whole database, in every respect as the model has them. Throws
 * RESTORE_INCOMPATIBLE_VERSION for a dump of another version of the model, COULD_NOT_IMPORT_DATABASE with the reason for anything
 * that a dump of this version does not hold.
 */
export async function readDatabaseObjects(source: AsyncIterable<Uint8Array>): Promise<readonly DumpObject[]> {
  const reader = new DatabaseDumpReader(UPLOAD);
  const objects: DumpObject[] = [];
  try {
    for await (const object of reader.read(source)) objects.push(object);
  } catch (thrown) {
    throw thrown instanceof DatabaseDumpError ? unusable(thrown.message) : thrown;
  }
  assertVersion(reader.report);
  assertKnown(reader.report);
  // Roles and permissions follow from the model; every server has its own.
  const own = objects.filter(({ className }) => className !== 'role');
  assertWhole(own);
  return own;
}

/** The refusal of a dump of which no database can be made. */
export function unusable(reason: string): ApiError {
  return new ApiError('COULD_NOT_IMPORT_DATABASE', reason);
}

function assertVersion({ manifest }: DumpReport): void {
  const isOurs =
    manifest.get('schema_major_vsn') === String(SCHEMA.schemaMajor) &&
    manifest.get('schema_minor_vsn') === String(SCHEMA.schemaMinor);
  if (!isOurs) throw new ApiError('RESTORE_INCOMPATIBLE_VERSION');
}

/** What the model does not know of its own version was not written by it. Tables that do not outlive a restart may have rows. */
function assertKnown({ problems }: DumpReport): void {
  const strange = problems.find(({ kind }) => kind !== 'table not stored');
  if (!strange) return;
  const { kind, table, field, line } = strange;
  throw unusable(`${kind} in line ${line}: ${[table.slice(0, 100), field?.slice(0, 100)].filter(Boolean).join('.')}`);
}

function assertWhole(objects: readonly DumpObject[]): void {
  const classOf = new Map<string, string>();
  const uuids = new Set<string>();
  for (const { ref, className, fields } of objects) {
    if (!REFERENCE.test(ref) || isNullRef(ref)) throw unusable(`${className} has a reference that is none`);
    if (classOf.has(ref)) throw unusable(`${className} ${ref} is there twice`);
    classOf.set(ref, className);
    const uuid = fields.get('uuid');
    if (uuid === undefined) continue;
    if (typeof uuid !== 'string' || !UUID.test(uuid)) throw unusable(`${className} ${ref} has no uuid`);
    if (uuids.has(`${className} ${uuid}`)) throw unusable(`${className} ${uuid} is there twice`);
    uuids.add(`${className} ${uuid}`);
  }
  for (const object of objects) assertReferences(object, classOf);
  assertPool(objects, classOf);
}

/** References may lead nowhere, as in any database of the original, but not to something of another class. */
function assertReferences({ ref, className, fields }: DumpObject, classOf: ReadonlyMap<string, string>): void {
  for (const { name, type } of classModel(className).fields)
    for (const [target, wanted] of references(type, fields.get(name))) {
      const found = classOf.get(target);
      if (found !== undefined && found !== wanted)
        throw unusable(`${className} ${ref} has in ${name} a ${found} in place of a ${wanted}`);
    }
}

function* references(type: TypeNode, value: unknown): Generator<[string, string]> {
  if (type.kind === 'ref' && typeof value === 'string') yield [value, type.name];
  else if (type.kind === 'set' && Array.isArray(value)) for (const one of value) yield* references(type.of, one);
  else if (type.kind === 'map' && value instanceof Map)
    for (const [key, one] of value) {
      yield* references(type.key, key);
      yield* references(type.value, one);
    }
}

function assertPool(objects: readonly DumpObject[], classOf: ReadonlyMap<string, string>): void {
  const pools = objects.filter(({ className }) => className === 'pool');
  const [pool] = pools;
  if (!pool || pools.length > 1) throw unusable(`there is ${pool ? 'more than one' : 'no'} pool in it`);
  if (classOf.get(String(pool.fields.get('master'))) !== 'host') throw unusable('the master of the pool is not in it');
}
