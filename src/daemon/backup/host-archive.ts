import { z } from 'zod';
import { ApiError } from '../../model/error.js';
import type { DumpObject } from '../../wire/database-dump.js';
import { ByteSource } from '../../wire/xva/byte-source.js';
import { encodeTarHeader, tarEnd, tarPadding } from '../../wire/xva/tar-header.js';
import { type TarEntry, TarReader } from '../../wire/xva/tar-reader.js';
import { readDatabaseObjects } from './database-objects.js';
import type { PendingRestore } from './pending-restore.js';
import { isStateFile, LARGEST_FILE, stateFiles } from './state-files.js';

/** What the first entry says: that this is a backup of a gateway, and how the rest is to be read. */
const HEAD = 'xenapi-gateway-backup.json';
const DATABASE = 'database.xml';
/** Where the files of the data directory lie in the archive. */
const FILES = 'files/';
const LARGEST_HEAD = 64 * 1024;
/** A dump of a large pool has tens of megabytes. */
const LARGEST_DATABASE = 256 * 1024 ** 2;
/** Bytes of all files that are taken from an upload: they lie twice on the disk for a moment. */
const LARGEST_ARCHIVE = 4 * 1024 ** 3;
/** Entries that are taken: some for each VM, disk and blob. */
const MOST_ENTRIES = 100_000;
const PORTION = 1024 * 1024;

const head = z.object({ format: z.literal(1), made: z.string().max(100) });

/**
 * The state of a gateway as a tar file, piece by piece: its database as of the moment of the call, accounts, keys, blobs,
 * measurements. The keys and digests of passwords in it are secrets.
 */
export async function* writeHostArchive(dataDir: string, dump: Iterable<string>, now: Date): AsyncGenerator<Buffer, void, void> {
  const time = Math.floor(now.getTime() / 1000);
  yield* entry(HEAD, Buffer.from(JSON.stringify({ format: 1, made: now.toISOString() })), time);
  yield* entry(DATABASE, Buffer.from([...dump].join('')), time);
  for await (const file of stateFiles(dataDir)) {
    // One that is replaced while it is read is the old or the new one; one that goes is left out.
    const content = await file.read().catch(() => undefined);
    if (content) yield* entry(FILES + file.name, content, file.modified);
  }
  yield tarEnd();
}

function* entry(name: string, content: Buffer, time: number): Generator<Buffer> {
  yield encodeTarHeader(name, content.length, time);
  yield content;
  yield Buffer.alloc(tarPadding(content.length));
}

/**
 * Takes such a file apart: files go into the restore, the objects of the database are what this resolves to. Throws
 * RESTORE_SCRIPT_FAILED with the reason for anything else, and what `readDatabaseObjects` throws.
 */
export async function readHostArchive(
  body: AsyncIterable<Buffer>,
  into: Pick<PendingRestore, 'addFile'>,
): Promise<readonly DumpObject[]> {
  const reader = new TarReader(new ByteSource(body));
  try {
    await assertHead(reader);
    const objects = await readDatabase(reader);
    await readFiles(reader, into);
    return objects;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code.startsWith('IMPORT_ERROR'))
      throw failed(thrown.code === 'IMPORT_ERROR_PREMATURE_EOF' ? 'the file ends in the middle' : thrown.params.join(' '));
    throw thrown;
  }
}

function failed(reason: string): ApiError {
  return new ApiError('RESTORE_SCRIPT_FAILED', reason);
}

async function assertHead(reader: TarReader): Promise<void> {
  const first = await reader.next();
  if (first?.name !== HEAD) throw failed('this is no backup of a gateway');
  const text = (await reader.content(first, LARGEST_HEAD)).toString();
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw failed('the head of the backup is damaged');
  }
  if (!head.safeParse(data).success) throw failed('a backup of a kind that this version does not know');
}

async function readDatabase(reader: TarReader): Promise<readonly DumpObject[]> {
  const next = await reader.peek();
  if (next?.name !== DATABASE || next.size > LARGEST_DATABASE) throw failed('the backup has no database');
  return readDatabaseObjects(content(reader));
}

async function readFiles(reader: TarReader, into: Pick<PendingRestore, 'addFile'>): Promise<void> {
  const seen = new Set<string>();
  let total = 0;
  for (let next = await reader.peek(); next; next = await reader.peek()) {
    const name = fileName(next);
    total += next.size;
    if (seen.has(name) || seen.size >= MOST_ENTRIES || total > LARGEST_ARCHIVE || next.size > LARGEST_FILE)
      throw failed(`${name} is too large, too much, or there twice`);
    seen.add(name);
    await into.addFile(name, content(reader));
  }
}

function fileName({ name }: TarEntry): string {
  const inner = name.startsWith(FILES) ? name.slice(FILES.length) : '';
  if (!isStateFile(inner)) throw failed(`${name.slice(0, 200)} is no part of the state of a gateway`);
  return inner;
}

/** The bytes of the next file, as they come in. The reader passes over their padding. */
async function* content(reader: TarReader): AsyncGenerator<Buffer, void, void> {
  const next = await reader.next();
  if (!next) return;
  for (let left = next.size; left > 0; left -= PORTION)
    yield await reader.content({ ...next, size: Math.min(left, PORTION) }, PORTION);
}
