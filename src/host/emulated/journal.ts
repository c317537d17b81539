import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';

/** Records by key; null takes one away. */
export type Changes = Readonly<Record<string, unknown>>;

/** Lines above which a journal that is mostly history is written anew when it is opened. */
const HISTORY_LINES = 1000;
/** Bytes above which a journal is written anew while it is in use, if three quarters of it are history. */
const LARGE = 64 * 1024 * 1024;

/**
 * Records in a file to which each change is appended as one line of JSON. A change of several records is one line, so
 * that it is there as a whole or not at all when the process is killed; a line that was cut off is left out. Maps survive.
 * Not synced to the disk: the emulated world outlives its process, not a power failure.
 */
export class Journal {
  private readonly path: string;
  private readonly format: string;
  private readonly records = new Map<string, unknown>();
  private file: number;
  private bytes: number;
  /** Changes that were found in the file. */
  private lines = 0;
  /** Size of the file when it last held only what was true. */
  private rewrittenBytes = 0;
  /** Whether everything in the file could be read. */
  readonly intact: boolean;

  /** Opens or makes the file. What cannot be read is reported and left out; a file of another kind is put aside. */
  constructor(path: string, format: string, warn: (message: string) => void) {
    this.path = path;
    this.format = format;
    const problems = this.load();
    this.intact = problems.length === 0;
    for (const problem of problems) warn(`${path}: ${problem}`);
    this.file = openSync(path, 'a', 0o600);
    this.bytes = fstatSync(this.file).size;
    if (this.bytes === 0) this.append(header(format));
    else if (!this.intact || this.lines > this.records.size + HISTORY_LINES) this.rewrite();
  }

  entries(): IterableIterator<[string, unknown]> {
    return this.records.entries();
  }

  get(key: string): unknown {
    return this.records.get(key);
  }

  /** Puts a change into the file, all of it or nothing. */
  write(changes: Changes): void {
    const line = stringify(changes);
    this.append(`${line}\n`);
    this.apply(changes);
    if (this.bytes > LARGE && this.bytes > 4 * this.rewrittenBytes) this.rewrite();
  }

  close(): void {
    closeSync(this.file);
  }

  private append(text: string): void {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
    this.bytes += bytes.length;
  }

  private apply(changes: Changes): void {
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) this.records.delete(key);
      else this.records.set(key, value);
    }
  }

  /** Reads the file into memory; tells what was wrong with it. */
  private load(): string[] {
    const text = readIfThere(this.path);
    if (text === undefined || text === '') return [];
    const [first, ...lines] = text.split('\n');
    if (`${first}\n` !== header(this.format)) {
      renameSync(this.path, `${this.path}.unreadable`);
      return ['is no file of this kind; put aside, starting empty'];
    }
    let unreadable = lines.pop() === '' ? 0 : 1;
    for (const line of lines) {
      const changes = parse(line);
      if (changes === undefined) unreadable++;
      else this.apply(changes);
    }
    this.lines = lines.length;
    return unreadable === 0 ? [] : [`${unreadable} changes cannot be read and are left out`];
  }

  /** Replaces the file by one that holds only what is true now. */
  private rewrite(): void {
    const temporary = `${this.path}.new`;
    rmSync(temporary, { force: true });
    const old = this.file;
    this.file = openSync(temporary, 'ax', 0o600);
    this.bytes = 0;
    const lines = [header(this.format)];
    for (const [key, value] of this.records) lines.push(`${stringify({ [key]: value })}\n`);
    this.append(lines.join(''));
    this.rewrittenBytes = this.bytes;
    renameSync(temporary, this.path);
    closeSync(old);
  }
}

function header(format: string): string {
  return `${JSON.stringify({ format, version: 1 })}\n`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Key under which a Map is kept, as JSON has none. */
const MAP = '$map';

function stringify(value: unknown): string {
  return JSON.stringify(withoutMaps(value));
}

function parse(line: string): Changes | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    return (line.includes(MAP) ? withMaps(value) : value) as Changes;
  } catch {
    return undefined;
  }
}

// Replacers and revivers of JSON are called for every value, which makes them many times slower than these.

function withoutMaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return { [MAP]: [...value].map(withoutMaps) };
  if (Array.isArray(value)) return value.map(withoutMaps);
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(value)) plain[key] = withoutMaps(value[key as keyof typeof value]);
  return plain;
}

/** Puts maps into a value that was parsed just now: in its place, since nobody else has it. */
function withMaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (MAP in value) return new Map((value[MAP] as readonly [unknown, unknown][]).map(([key, item]) => [key, withMaps(item)]));
  for (const [key, item] of Object.entries(value)) {
    const changed = withMaps(item);
    if (changed !== item)
      Object.defineProperty(value, key, { value: changed, enumerable: true, writable: true, configurable: true });
  }
  return value;
}
