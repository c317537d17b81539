import { ApiError } from '../../model/error.js';
import { CHECKSUM_SUFFIXES, type Checksums } from './checksums.js';
import { CHUNK_SIZE, chunkNumber } from './disk-chunks.js';
import { badFile, earlyEnd, unexpectedFile } from './file-error.js';
import type { TarEntry, TarReader } from './tar-reader.js';

/** Largest piece of a disk that is taken, in bytes: all known writers make pieces of 1 MiB, and each is held in memory. */
const LARGEST_CHUNK = 16 * 1024 * 1024;

/** Bytes of a file with a checksum, with what some put after the digits. */
const LARGEST_CHECKSUM = 64;

/** A piece of a disk, with where it belongs in bytes. Its memory is used again for the next one. */
export interface DiskPiece {
  readonly offset: number;
  readonly data: Buffer;
}

/** How the pieces of a file are to be checked. */
export interface ChunkChecks {
  readonly checksums: Checksums;
  /** Whether every piece must be followed by its checksum. One that is there is checked in any case. */
  readonly required: boolean;
  /** Pieces that do not fit their checksum are taken all the same. */
  readonly force: boolean;
  /** Sees every piece, with its name: for files whose checksums come at the end. */
  readonly onPiece?: (name: string, data: Buffer) => void;
}

/**
 * The pieces of the disk that comes next in a file, those of nothing but zeros left out as they are there. `id` is that of its
 * object, `size` what that says, in bytes. Throws IMPORT_ERROR, IMPORT_ERROR_UNEXPECTED_FILE, IMPORT_ERROR_PREMATURE_EOF, and
 * IMPORT_ERROR_SOME_CHECKSUMS_FAILED.
 */
export async function* readDisk(
  tar: TarReader,
  id: string,
  size: number,
  checks: ChunkChecks,
): AsyncGenerator<DiskPiece, void, void> {
  let offset = 0;
  let number = -1;
  let usual: number | undefined;
  const memory = Buffer.allocUnsafeSlow(Math.min(CHUNK_SIZE, size));
  while (offset < size) {
    const entry = await tar.next();
    if (!entry) throw earlyEnd();
    const next = chunkNumber(id, entry.name);
    if (next === undefined) throw unexpectedFile(`${id}/`, entry.name);
    if (next <= number) throw badFile(`${entry.name} comes after a piece of a higher number`);
    usual ??= entry.size;
    offset += (next - number - 1) * usual;
    number = next;
    if (offset + entry.size > size) throw badFile(`${entry.name} lies outside of its disk`);
    const data = await tar.content(entry, LARGEST_CHUNK, memory);
    checks.onPiece?.(entry.name, data);
    await checkPiece(tar, entry, data, checks);
    if (data.length > 0) yield { offset, data };
    offset += entry.size;
  }
}

async function checkPiece(tar: TarReader, { name }: TarEntry, data: Buffer, checks: ChunkChecks): Promise<void> {
  const following = await tar.peek();
  const kind = CHECKSUM_SUFFIXES.find(({ suffix }) => following?.name === name + suffix)?.kind;
  if (!kind) {
    if (!checks.required) return;
    if (!following) throw earlyEnd();
    throw unexpectedFile(`${name}.xxhash`, following.name);
  }
  const entry = await tar.next();
  if (!entry) throw earlyEnd();
  const wanted = (await tar.content(entry, LARGEST_CHECKSUM)).toString('latin1').trim();
  if (wanted !== checks.checksums.of(kind, data) && !checks.force) throw new ApiError('IMPORT_ERROR_SOME_CHECKSUMS_FAILED');
}
