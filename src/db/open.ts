import { findClassModel } from '../model/class-model.js';
import { RecordVersion } from '../model/record.js';
import { isNullRef } from '../model/ref.js';
import type { ClassName, Fields } from '../model/types.js';
import { Database } from './database.js';
import { derivedFields, relationEnds } from './relations.js';
import { textToRow } from './row-text.js';
import type { Store, StoreContents } from './store.js';

type Values = Record<string, unknown>;

/** Objects as they come from a store, before the sets that follow from references are filled in. */
type Loading = Map<string, { className: ClassName; values: Values }>;

/**
 * Opens the database that a store holds; an empty store gives an empty database.
 * `onStoreFailure` hears when a write fails: what is in memory is then ahead of the disk for good, and the daemon has to end.
 */
export async function openDatabase(store: Store, onStoreFailure: (error: Error) => void): Promise<Database> {
  const contents = await store.load();
  const database = new Database(store, onStoreFailure);
  const generation = Number(contents.meta.get('generation') ?? 0);
  const messageGeneration = Number(contents.meta.get('message-generation') ?? 0);
  const loading = readRows(contents);
  fillDerivedSets(loading);
  for (const [ref, { className, values }] of loading) {
    const version = new RecordVersion(className, values as Fields<ClassName>);
    const stamp = className === 'message' ? messageGeneration : generation;
    database.table(className).insert({ ref, version, created: stamp, modified: stamp, older: undefined, newer: undefined });
  }
  database.continueFrom(generation, messageGeneration);
  return database;
}

function readRows(contents: StoreContents): Loading {
  const loading: Loading = new Map();
  for (const { className, ref, text } of contents.rows) {
    const model = findClassModel(className);
    if (model && text !== null) loading.set(ref, { className: model.name, values: textToRow(model, text) });
  }
  return loading;
}

function fillDerivedSets(loading: Loading): void {
  const sets = new Map<Values, Map<string, string[]>>();
  for (const [ref, { className, values }] of loading) {
    const derived = derivedFields(className);
    for (const [name, end] of relationEnds(className)) {
      if (derived.has(name)) continue;
      const targets = end.kind === 'one' ? [values[name] as string] : (values[name] as readonly string[]);
      for (const target of targets) {
        const far = isNullRef(target) ? undefined : loading.get(target);
        if (far?.className !== end.className) continue;
        const ofTarget = sets.get(far.values) ?? new Map<string, string[]>();
        sets.set(far.values, ofTarget);
        const refs = ofTarget.get(end.field);
        if (refs) refs.push(ref);
        else ofTarget.set(end.field, [ref]);
      }
    }
  }
  for (const [values, ofTarget] of sets) for (const [field, refs] of ofTarget) values[field] = refs;
}
