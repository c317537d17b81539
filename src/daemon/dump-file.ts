import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { ConfigError } from '../config/config-error.js';
import type { Config } from '../config/load-config.js';
import { databasePath } from '../db/open-store.js';
import type { Log } from '../log/log.js';
import { DatabaseDumpReader, type DumpObject, type DumpReport } from '../wire/database-dump.js';
import { DatabaseDumpError } from '../wire/database-dump-error.js';

/**
 * The dump of a start that will make a new pool for certain. Read before anything is made, so that a dump that is of no use
 * leaves nothing behind. Rejects with ConfigError.
 */
export async function readDumpEarly(config: Config, log: Log): Promise<readonly DumpObject[] | undefined> {
  if (config.loadDump === undefined) return undefined;
  const mayHoldPool = config.store === 'sqlite' && (await exists(databasePath(config.dataDir)));
  return mayHoldPool ? undefined : readDump(config.loadDump, log);
}

/** Reads a whole dump. What it has that the model does not know is logged. Rejects with ConfigError. */
export async function readDump(path: string, log: Log): Promise<readonly DumpObject[]> {
  const reader = new DatabaseDumpReader();
  const objects: DumpObject[] = [];
  try {
    for await (const object of reader.read(createReadStream(path))) objects.push(object);
  } catch (thrown) {
    throw new ConfigError([{ key: 'load-dump', source: path, message: reasonOf(thrown) }]);
  }
  const problem = unusable(objects);
  if (problem !== undefined) throw new ConfigError([{ key: 'load-dump', source: path, message: problem }]);
  report(reader.report, objects.length, log);
  return objects;
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof DatabaseDumpError) return thrown.message;
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return 'there is no such file';
  if (thrown instanceof Error && 'syscall' in thrown) return `cannot be read (${thrown.message})`;
  throw thrown;
}

/** Why no pool can be made of these objects. */
function unusable(objects: readonly DumpObject[]): string | undefined {
  const pools = objects.filter(({ className }) => className === 'pool');
  if (pools.length !== 1) return `the dump holds ${pools.length === 0 ? 'no pool' : `${pools.length} pools`}`;
  const hosts = objects.filter(({ className }) => className === 'host');
  if (!hosts.some(({ ref }) => ref === pools[0]?.fields.get('master'))) return 'the dump does not hold the master of its pool';
  const strange = hosts.find(({ fields }) => !UUID.test(String(fields.get('uuid'))));
  if (strange) return `host ${strange.ref} has no uuid`;
  const refs = new Set<string>();
  for (const { ref, className } of objects) {
    if (refs.has(ref)) return `${className} ${ref} is there twice`;
    refs.add(ref);
  }
  return undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function report({ manifest, problems }: DumpReport, objects: number, log: Log): void {
  log.info({ objects, manifest: Object.fromEntries(manifest) }, 'read a database dump');
  for (const problem of problems) log.warn(problem, 'part of the dump is left out: this model does not have it');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
