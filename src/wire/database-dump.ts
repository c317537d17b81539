import { TextDecoder } from 'node:util';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { enums } from '../../schema/enums.js';
import { type ClassModel, type FieldModel, findClassModel } from '../model/class-model.js';
import { parseStorageText, StorageTextError } from '../model/storage-text.js';
import type { ClassName } from '../model/types.js';
import { DatabaseDumpError } from './database-dump-error.js';
import { unprotect } from './database-dump-text.js';

/** One object of a dump: every field of its class, by name, as runtime values. */
export interface DumpObject {
  readonly className: ClassName;
  readonly ref: string;
  readonly fields: ReadonlyMap<string, unknown>;
}

/** Something that this model does not take over. The rest of the dump is read all the same. */
export interface DumpProblem {
  readonly kind: 'unknown table' | 'table not stored' | 'unknown field' | 'unknown value';
  readonly table: string;
  /** In storage spelling. */
  readonly field?: string;
  /** Line of the first one. */
  readonly line: number;
  /** Rows that it was met in. */
  readonly count: number;
}

/** What is learned of a dump beside its objects; complete when the reading has ended. */
export interface DumpReport {
  /** `schema_major_vsn`, `schema_minor_vsn`, `generation_count`. */
  readonly manifest: ReadonlyMap<string, string>;
  readonly problems: readonly DumpProblem[];
}

/** Limits of what is read. */
export interface DumpLimits {
  /** Bytes of the whole text. */
  readonly bytes: number;
  /** Characters from one element to the next: what the parser must hold at once. */
  readonly element: number;
  readonly rows: number;
}

/** Pools of 64 hosts and thousands of VMs dump some tens of megabytes; a row is seldom above a few kilobytes. */
export const DUMP_LIMITS: DumpLimits = { bytes: 1024 ** 3, element: 32 * 1024 ** 2, rows: 2_000_000 };

/** Different problems that are kept: more only repeat that the dump comes from elsewhere. */
const MAX_PROBLEMS = 1000;
const MAX_MANIFEST_PAIRS = 100;

/** Attributes that are about a row and not of the object. */
const ROW_ATTRIBUTES: ReadonlySet<string> = new Set(['ref', '_ref', '__ctime', '__mtime']);

/**
 * Reads a database dump as `pool-dump-database` gives it: `database` holds a `manifest` of `pair`s and one `table` for
 * each class, with a `row` for each object. Feed it with `read`, which gives objects while the text comes in.
 */
export class DatabaseDumpReader {
  readonly #limits: DumpLimits;
  readonly #parser = new SaxesParser();
  readonly #manifest = new Map<string, string>();
  readonly #problems = new Map<string, DumpProblem>();
  readonly #open: string[] = [];
  #objects: DumpObject[] = [];
  #table: { readonly name: string; readonly model: ClassModel | undefined } | undefined;
  #rows = 0;
  #bytes = 0;
  #sinceElement = 0;

  constructor(limits: Partial<DumpLimits> = {}) {
    this.#limits = { ...DUMP_LIMITS, ...limits };
    this.#parser.on('opentag', (tag) => this.#openTag(tag));
    this.#parser.on('closetag', (tag) => this.#closeTag(tag.name));
    this.#parser.on('error', (error) => this.#fail(error.message.replace(/^\d+:\d+: /, '')));
  }

  get report(): DumpReport {
    return { manifest: this.#manifest, problems: [...this.#problems.values()] };
  }

  /** The objects of a dump, in its order. Throws DatabaseDumpError. */
  async *read(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<DumpObject, void, undefined> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for await (const chunk of source) {
      this.#bytes += chunk.byteLength;
      if (this.#bytes > this.#limits.bytes) this.#fail(`larger than ${this.#limits.bytes} bytes`);
      this.#write(this.#decode(decoder, chunk));
      yield* this.#take();
    }
    this.#write(this.#decode(decoder));
    this.#parser.close();
    yield* this.#take();
  }

  #decode(decoder: TextDecoder, chunk?: Uint8Array): string {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      this.#fail('not UTF-8');
    }
  }

  #write(text: string): void {
    this.#sinceElement += text.length;
    if (text) this.#parser.write(text);
    if (this.#sinceElement > this.#limits.element) this.#fail(`an element of more than ${this.#limits.element} characters`);
  }

  #take(): DumpObject[] {
    const objects = this.#objects;
    this.#objects = [];
    return objects;
  }

  #fail(reason: string, row?: string): never {
    throw new DatabaseDumpError(reason, { line: this.#parser.line, table: this.#table?.name, row });
  }

  #openTag({ name, attributes }: SaxesTagPlain): void {
    this.#sinceElement = 0;
    const path = [...this.#open, name].join('/');
    this.#open.push(name);
    switch (path) {
      case 'database':
      case 'database/manifest':
        return;
      case 'database/manifest/pair':
        this.#pair(attributes);
        return;
      case 'database/table':
        this.#openTable(attributes.name);
        return;
      case 'database/table/row':
        this.#row(attributes);
        return;
      default:
        this.#fail(`unexpected element ${path.slice(0, 200)}`);
    }
  }

  #closeTag(name: string): void {
    this.#open.pop();
    if (name === 'table') this.#table = undefined;
  }

  #pair({ key, value }: Readonly<Record<string, string>>): void {
    if (key === undefined || value === undefined) this.#fail('a pair without key or value');
    if (this.#manifest.size >= MAX_MANIFEST_PAIRS) this.#fail('too many pairs in the manifest');
    this.#manifest.set(key, value);
  }

  #openTable(name: string | undefined): void {
    if (name === undefined) this.#fail('a table without a name');
    this.#table = { name, model: findClassModel(name) };
  }

  #row(attributes: Readonly<Record<string, string>>): void {
    const { ref } = attributes;
    if (!this.#table || !ref) this.#fail('a row without a reference');
    this.#rows += 1;
    if (this.#rows > this.#limits.rows) this.#fail(`more than ${this.#limits.rows} rows`, ref);
    const { model, name } = this.#table;
    if (!model) this.#note('unknown table', name);
    else if (model.schema.storage !== 'durable' || model.schema.state === 'removed') this.#note('table not stored', name);
    else this.#objects.push({ className: model.name, ref, fields: this.#fields(model, ref, attributes) });
  }

  #fields(model: ClassModel, ref: string, attributes: Readonly<Record<string, string>>): Map<string, unknown> {
    const fields = new Map(model.fields.map((field) => [field.name, emptyValue(field)]));
    for (const [column, text] of Object.entries(attributes)) {
      if (ROW_ATTRIBUTES.has(column)) continue;
      const field = model.fieldsByColumn.get(column);
      if (!field) this.#note('unknown field', model.name, column);
      // What does not outlive a restart, and what is removed from the model, starts anew, as on the original.
      else if (field.persistent && field.schema.state !== 'removed') this.#value(fields, model, field, ref, text);
    }
    return fields;
  }

  #value(fields: Map<string, unknown>, model: ClassModel, field: FieldModel, ref: string, text: string): void {
    try {
      fields.set(field.name, parseStorageText(field.type, unprotect(text)));
    } catch (error) {
      if (!(error instanceof StorageTextError)) throw error;
      // Names come and go with versions; anything else means that the file is damaged.
      if (error.problem !== 'unknown enum value') this.#fail(`field ${field.column}: ${error.message}`, ref);
      this.#note('unknown value', model.name, field.column);
    }
  }

  #note(kind: DumpProblem['kind'], table: string, field?: string): void {
    const key = `${kind}\n${table}\n${field ?? ''}`;
    const known = this.#problems.get(key);
    if (!known && this.#problems.size >= MAX_PROBLEMS) return;
    const first = known ?? { kind, table, ...(field !== undefined && { field }), line: this.#parser.line, count: 0 };
    this.#problems.set(key, { ...first, count: first.count + 1 });
  }
}

/** The value of a field that a row does not have. An enumeration without a default starts with its first name. */
export function emptyValue({ type, initial }: FieldModel): unknown {
  if (type.kind !== 'enum' || initial !== '') return initial;
  return Object.hasOwn(enums, type.name) ? enums[type.name as keyof typeof enums][0] : initial;
}
