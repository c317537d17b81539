import type { ClassModel } from '../model/class-model.js';
import type { RecordVersion } from '../model/record.js';

/** One object: its current version, and when (in generations) it was made and last changed. */
export interface Row {
  readonly ref: string;
  version: RecordVersion;
  created: number;
  modified: number;
  /** Neighbours in the table's order of last change. */
  older: Row | undefined;
  newer: Row | undefined;
}

/** An object that is gone. */
export interface Deletion {
  readonly ref: string;
  readonly created: number;
  readonly deleted: number;
}

/** Deletions that a table remembers, so that clients with an older token still hear of them one by one; beyond it they see it from the counts. */
const DELETIONS_KEPT = 20_000;

/**
 * All objects of one class. Rows hang in a list by last change, newest at the end, so that "what changed since" costs
 * as much as there are changes and not as much as there are objects.
 */
export class Table {
  readonly model: ClassModel;
  readonly rows = new Map<string, Row>();
  readonly refsByUuid = new Map<string, string>();
  #newest: Row | undefined;
  #deletions: Deletion[] = [];

  constructor(model: ClassModel) {
    this.model = model;
  }

  insert(row: Row): void {
    this.rows.set(row.ref, row);
    this.#index(row);
    this.#append(row);
  }

  /** Gives a row another version. */
  replace(row: Row, version: RecordVersion): void {
    const moved = uuidOf(row.version) !== uuidOf(version);
    if (moved) this.#unindex(row);
    row.version = version;
    if (moved && this.rows.has(row.ref)) this.#index(row);
  }

  /** Takes a row out without remembering it: a creation that is undone. */
  withdraw(row: Row): void {
    this.rows.delete(row.ref);
    this.#unindex(row);
    this.#unlink(row);
  }

  /** Puts a row back that a transaction took out and then gave up, at its old place in the order of change. */
  reinstate(row: Row): void {
    this.rows.set(row.ref, row);
    this.#index(row);
    let newer: Row | undefined;
    let older = this.#newest;
    while (older && older.modified > row.modified) [newer, older] = [older, older.older];
    row.older = older;
    row.newer = newer;
    if (older) older.newer = row;
    if (newer) newer.older = row;
    else this.#newest = row;
  }

  remember(row: Row, generation: number): void {
    this.#deletions.push({ ref: row.ref, created: row.created, deleted: generation });
    if (this.#deletions.length > 2 * DELETIONS_KEPT) this.#deletions = this.#deletions.slice(-DELETIONS_KEPT);
  }

  touch(row: Row, generation: number): void {
    row.modified = generation;
    if (this.#newest === row) return;
    this.#unlink(row);
    this.#append(row);
  }

  /** Rows that were made or changed after a generation, newest first. */
  *changedSince(generation: number): Generator<Row> {
    for (let row = this.#newest; row && row.modified > generation; row = row.older) yield row;
  }

  /** Objects that went after a generation, latest first. */
  *deletedSince(generation: number): Generator<Deletion> {
    for (let i = this.#deletions.length - 1; i >= 0; i--) {
      const deletion = this.#deletions[i] as Deletion;
      if (deletion.deleted <= generation) return;
      yield deletion;
    }
  }

  #index(row: Row): void {
    const uuid = uuidOf(row.version);
    if (uuid) this.refsByUuid.set(uuid, row.ref);
  }

  #unindex(row: Row): void {
    const uuid = uuidOf(row.version);
    if (uuid && this.refsByUuid.get(uuid) === row.ref) this.refsByUuid.delete(uuid);
  }

  #append(row: Row): void {
    row.older = this.#newest;
    row.newer = undefined;
    if (this.#newest) this.#newest.newer = row;
    this.#newest = row;
  }

  #unlink(row: Row): void {
    if (row.newer) row.newer.older = row.older;
    else if (this.#newest === row) this.#newest = row.older;
    if (row.older) row.older.newer = row.newer;
    row.older = undefined;
    row.newer = undefined;
  }
}

function uuidOf({ fields }: RecordVersion): string | undefined {
  return (fields as { uuid?: string }).uuid;
}
