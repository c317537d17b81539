import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from './config-error.js';

/** Largest file that is read, in bytes: configurations are written by hand. */
const MAX_BYTES = 1024 * 1024;

export interface DataFile {
  readonly path: string;
  readonly data: ReadonlyMap<string, unknown>;
}

/** The top-level map of a YAML or JSON file. Rejects with ConfigError when it cannot be read or is no map. */
export function readDataFile(path: string, options: { mayBeMissing: false }): Promise<DataFile>;
export function readDataFile(path: string, options: { mayBeMissing: boolean }): Promise<DataFile | undefined>;
export async function readDataFile(path: string, { mayBeMissing }: { mayBeMissing: boolean }): Promise<DataFile | undefined> {
  const wrong = (message: string): ConfigError => new ConfigError([{ key: '', source: path, message }]);
  let text: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw wrong(`is larger than ${MAX_BYTES} bytes`);
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (mayBeMissing && code === 'ENOENT') return undefined;
    throw wrong(code === 'ENOENT' ? 'there is no such file' : `cannot be read (${String(code ?? thrown)})`);
  }
  // Loaded when there is a file to read: most starts have none.
  const { parse } = await import('yaml');
  let data: unknown;
  try {
    // JSON is YAML. Text only: no tag makes anything but data.
    data = parse(text, { schema: 'core', prettyErrors: true }) ?? {};
  } catch (thrown) {
    throw wrong(`is not YAML: ${thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : ''}`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw wrong('expected a map of options');
  return { path, data: new Map(Object.entries(data)) };
}
