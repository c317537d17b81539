import { v4 } from 'uuid';
import { type ClassModel, classModel, classModels } from '../model/class-model.js';
import { ApiError } from '../model/error.js';
import { RecordVersion } from '../model/record.js';
import { isNullRef, newRef, type Ref } from '../model/ref.js';
import type { ClassName, Fields } from '../model/types.js';
import { Commit, type CommittedChange, type TouchedRow } from './commit.js';
import { DurableWriter } from './durability.js';
import { sameValue } from './equality.js';
import { newFields } from './new-fields.js';
import { type RelationEnd, relationEnds } from './relations.js';
import { rowToText, storedFieldNames } from './row-text.js';
import type { Store } from './store.js';
import { type Row, Table } from './table.js';

type Values = Record<string, unknown>;

/** What a write says of an object: some of its fields. */
export type Patch<C extends ClassName> = Partial<Fields<C>>;

/** How far the generation may run ahead of the number on disk; a restart continues past it, so that no token is given out twice. */
const GENERATION_RESERVE = 1_000_000;

/**
 * The object database: every table in memory, one writer (the event loop), transactions that are plain synchronous
 * functions. A transaction keeps both sides of relations in step, becomes visible as one change, and is durable when
 * `durable()` resolves.
 */
export class Database {
  readonly #tables = new Map<string, Table>();
  readonly #writer: DurableWriter;
  readonly #listeners = new Set<(changes: readonly CommittedChange[]) => void>();
  readonly #derivations = new Set<(touched: Iterable<TouchedRow>) => void>();
  #commit: Commit | undefined;
  #reserved = 0;
  /** Number of the latest change of an object. */
  generation = 0;
  /** Number of the latest change of a message; messages have a count of their own in event tokens. */
  messageGeneration = 0;

  constructor(store: Store, onStoreFailure: (error: Error) => void) {
    for (const model of classModels)
      if (model.schema.storage !== 'none' || model.name === 'message') this.#tables.set(model.name, new Table(model));
    this.#writer = new DurableWriter(store, onStoreFailure);
  }

  /** Calls back after every transaction, with what it changed. Returns the way to stop it. */
  onChange(listener: (changes: readonly CommittedChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs a function at the end of every transaction, as part of it, with what was written: for fields that follow from
   * others, so that one event shows both.
   */
  derive(derivation: (touched: Iterable<TouchedRow>) => void): void {
    this.#derivations.add(derivation);
  }

  table(className: ClassName): Table {
    const table = this.#tables.get(className);
    if (!table) throw new Error(`class ${className} has no table`);
    return table;
  }

  /** Every table, in the model's order. */
  tables(): Iterable<Table> {
    return this.#tables.values();
  }

  /** The current version of an object, or undefined. */
  find<C extends ClassName>(className: C, ref: string): RecordVersion<C> | undefined {
    return this.table(className).rows.get(ref)?.version as RecordVersion<C> | undefined;
  }

  /** The current version of an object. Throws HANDLE_INVALID where there is none. */
  record<C extends ClassName>(className: C, ref: string): RecordVersion<C> {
    const version = this.find(className, ref);
    if (!version) throw new ApiError('HANDLE_INVALID', className, ref);
    return version;
  }

  /** The fields of an object. Throws HANDLE_INVALID where there is none. */
  get<C extends ClassName>(className: C, ref: string): Fields<C> {
    return this.record(className, ref).fields;
  }

  /** Reference and fields of every object of a class. */
  *all<C extends ClassName>(className: C): Generator<[Ref<C>, Fields<C>]> {
    for (const row of this.table(className).rows.values()) yield [row.ref as Ref<C>, row.version.fields as Fields<C>];
  }

  /** References and fields of the objects that fit. */
  filter<C extends ClassName>(className: C, fits: (fields: Fields<C>) => boolean): [Ref<C>, Fields<C>][] {
    const found: [Ref<C>, Fields<C>][] = [];
    for (const entry of this.all(className)) if (fits(entry[1])) found.push(entry);
    return found;
  }

  /** The object with a uuid. Throws UUID_INVALID where there is none. */
  byUuid<C extends ClassName>(className: C, uuid: string): Ref<C> {
    const ref = this.table(className).refsByUuid.get(uuid);
    if (ref === undefined) throw new ApiError('UUID_INVALID', className, uuid);
    return ref as Ref<C>;
  }

  /** Whether a reference leads to an object of the class. */
  exists(className: ClassName, ref: string): boolean {
    return this.table(className).rows.has(ref);
  }

  /**
   * Runs a synchronous function as one transaction: all of its writes or, when it throws, none. Inside another
   * transaction it is part of that one, which goes on without it when it is caught throwing.
   */
  transaction<T>(work: () => T): T {
    const outer = this.#commit;
    const commit = new Commit();
    this.#commit = commit;
    let result: T;
    try {
      result = work();
      if (result instanceof Promise) throw new Error('a transaction may not wait');
      if (!outer) for (const derivation of this.#derivations) derivation(commit.touched());
    } catch (thrown) {
      commit.undo();
      throw thrown;
    } finally {
      this.#commit = outer;
    }
    if (outer) outer.take(commit);
    else this.#finish(commit);
    return result;
  }

  /** One write: part of the transaction that goes on, or one of its own. It throws before it writes, or not at all. */
  #write<T>(work: () => T): T {
    return this.#commit ? work() : this.transaction(work);
  }

  /** Makes an object from some of its fields; the rest is initial, the uuid new where none is given. */
  create<C extends ClassName>(className: C, fields: Patch<C>, ref: Ref<C> = newRef<C>()): Ref<C> {
    return this.#write(() => {
      const model = classModel(className);
      const table = this.table(className);
      if (table.rows.has(ref)) throw new Error(`${className} ${ref} exists`);
      const given = fields as Values;
      const values = newFields(model);
      for (const field of model.fields) if (given[field.name] !== undefined) values[field.name] = given[field.name];
      if (model.fieldsByName.has('uuid')) {
        if (!values.uuid) values.uuid = v4();
        else if (table.refsByUuid.has(values.uuid as string))
          throw new ApiError('INTERNAL_ERROR', `${className} ${values.uuid} exists already`);
      }
      const version = new RecordVersion(className, values as Fields<C>) as unknown as RecordVersion;
      const row: Row = { ref, version, created: 0, modified: 0, older: undefined, newer: undefined };
      table.insert(row);
      this.#current().created(table, row);
      for (const [name, end] of relationEnds(className)) this.#connect(ref, end, values[name], true);
      return ref;
    });
  }

  /** Changes fields of an object. What already has its value stays untouched and makes no event. */
  set<C extends ClassName>(className: C, ref: string, patch: Patch<C>): void {
    this.#write(() => {
      const table = this.table(className);
      const row = table.rows.get(ref);
      if (!row) throw new ApiError('HANDLE_INVALID', className, ref);
      const old = row.version.fields as Values;
      const changed = Object.entries(patch).filter(([name, value]) => value !== undefined && !sameValue(old[name], value));
      if (!changed.length) return;
      this.#replace(table, row, changed);
      const ends = relationEnds(className);
      for (const [name, value] of changed) {
        const end = ends.get(name);
        if (!end) continue;
        this.#connect(ref, end, old[name], false, value);
        this.#connect(ref, end, value, true, old[name]);
      }
    });
  }

  /**
   * Fills in fields that are not kept on disk, before anybody listens: what a start computes anew for every object. No
   * transaction, no event, nothing to write.
   */
  complete<C extends ClassName>(className: C, ref: string, patch: Patch<C>): void {
    const table = this.table(className);
    const row = table.rows.get(ref);
    if (!row) throw new ApiError('HANDLE_INVALID', className, ref);
    const old = row.version.fields as Values;
    if (Object.entries(patch).every(([name, value]) => sameValue(old[name], value))) return;
    table.replace(row, new RecordVersion(table.model.name, { ...old, ...patch } as Fields<ClassName>));
  }

  /** Marks an object as changed without changing it, so that an event of it goes out. */
  touch(className: ClassName, ref: string): void {
    this.#write(() => {
      const table = this.table(className);
      const row = table.rows.get(ref);
      if (!row) throw new ApiError('HANDLE_INVALID', className, ref);
      this.#current().changed(table, row, false);
    });
  }

  /** Removes an object. References to it elsewhere stay as they are, sets that follow from its own references do not. */
  destroy(className: ClassName, ref: string): void {
    this.#write(() => {
      const table = this.table(className);
      const row = table.rows.get(ref);
      if (!row) throw new ApiError('HANDLE_INVALID', className, ref);
      const values = row.version.fields as Values;
      for (const [name, end] of relationEnds(className)) this.#connect(ref, end, values[name], false);
      table.withdraw(row);
      this.#current().destroyed(table, row);
    });
  }

  /** Whether a change is not on disk yet. */
  get behind(): boolean {
    return this.#writer.behind;
  }

  /** Resolves when every change so far is on disk. */
  durable(): Promise<void> {
    return this.#writer.flushed();
  }

  /**
   * Does long work whose changes reach the disk together at its end, or not at all: making a pool. Readers see each
   * transaction at once, as ever. When the work fails nothing of it is written, and nothing ever after: what is in memory
   * is then no use any more, and the database has to be opened again.
   */
  async asOneWrite<T>(work: () => Promise<T>): Promise<T> {
    this.#writer.hold();
    try {
      const result = await work();
      this.#writer.release();
      await this.durable();
      return result;
    } catch (thrown) {
      this.#writer.abandon(thrown instanceof Error ? thrown : new Error(String(thrown)));
      throw thrown;
    }
  }

  /** Whether nothing is in it. */
  get empty(): boolean {
    for (const table of this.#tables.values()) if (table.rows.size) return false;
    return true;
  }

  /** Continues the count of generations past what an earlier run may have given out. Called once by the loader. */
  continueFrom(generation: number, messageGeneration: number): void {
    this.generation = generation;
    this.messageGeneration = messageGeneration;
    this.#reserve();
  }

  #current(): Commit {
    if (!this.#commit) throw new Error('a write outside a transaction');
    return this.#commit;
  }

  #replace(table: Table, row: Row, changed: readonly [string, unknown][]): void {
    const values = { ...(row.version.fields as Values) };
    for (const [name, value] of changed) values[name] = value;
    const previous = row.version;
    table.replace(row, new RecordVersion(table.model.name, values as Fields<ClassName>));
    const stored = storedFieldNames(table.model);
    this.#current().changed(
      table,
      row,
      changed.some(([name]) => stored.has(name)),
      previous,
    );
  }

  /** Adds or removes a reference on the far side of a relation. `other` is the value before or after, for what stays. */
  #connect(ref: string, end: RelationEnd, value: unknown, present: boolean, other?: unknown): void {
    const targets = end.kind === 'one' ? [value as string] : (value as readonly string[]);
    const stays = end.kind === 'set' && Array.isArray(other) ? new Set(other as string[]) : undefined;
    for (const target of targets) {
      if (isNullRef(target) || stays?.has(target)) continue;
      const table = this.table(end.className);
      const row = table.rows.get(target);
      if (!row) continue;
      const refs = (row.version.fields as Values)[end.field] as readonly string[];
      if (refs.includes(ref) === present) continue;
      const next = present ? [...refs, ref] : refs.filter((r) => r !== ref);
      this.#replace(table, row, [[end.field, next]]);
    }
  }

  #finish(commit: Commit): void {
    const changes = commit.changes();
    if (!changes.length) return;
    const objects = changes.some((c) => c.table.model.name !== 'message');
    const messages = changes.some((c) => c.table.model.name === 'message');
    if (objects) this.generation++;
    if (messages) this.messageGeneration++;
    for (const change of changes) {
      const { table, row } = change;
      const generation = table.model.name === 'message' ? this.messageGeneration : this.generation;
      if (change.kind === 'add') row.created = generation;
      if (change.kind === 'del') table.remember(row, generation);
      else table.touch(row, generation);
      if (change.stored && table.model.schema.storage !== 'volatile') this.#store(table.model, row, change.kind === 'del');
    }
    this.#reserve();
    this.#tell(changes);
  }

  /** The change stands, whatever a listener makes of it: all of them hear of it before an error of one is passed on. */
  #tell(changes: readonly CommittedChange[]): void {
    const errors: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (thrown) {
        errors.push(thrown);
      }
    }
    if (errors.length) throw errors[0];
  }

  #store(model: ClassModel, row: Row, gone: boolean): void {
    const { ref } = row;
    this.#writer.add(ref, () => ({
      className: model.name,
      ref,
      text: gone ? null : rowToText(model, row.version.fields as Values),
    }));
  }

  #reserve(): void {
    if (this.generation + this.messageGeneration < this.#reserved - GENERATION_RESERVE / 2) return;
    this.#reserved = this.generation + this.messageGeneration + GENERATION_RESERVE;
    this.#writer.setMeta('generation', String(this.generation + GENERATION_RESERVE));
    this.#writer.setMeta('message-generation', String(this.messageGeneration + GENERATION_RESERVE));
  }
}
