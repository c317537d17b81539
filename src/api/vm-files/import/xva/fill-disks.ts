import { ApiError } from '../../../../model/error.js';
import type { DiskStream } from '../../../../wire/disk/disk-stream.js';
import { Checksums } from '../../../../wire/xva/checksums.js';
import { LARGEST_DESCRIPTION, readChecksumList } from '../../../../wire/xva/description.js';
import { byId } from '../../../../wire/xva/disk-chunks.js';
import { type ChunkChecks, readDisk } from '../../../../wire/xva/disk-reader.js';
import { badFile } from '../../../../wire/xva/file-error.js';
import type { TarReader } from '../../../../wire/xva/tar-reader.js';
import type { Work } from '../../export/export.js';
import type { StreamedDisk } from '../vm-file.js';
import { writeDisk } from '../write-disk.js';

/** Pieces whose checksums are kept until the list at the end of a file comes: only files of 2007 have it, and no such disks. */
const MOST_LISTED = 500_000;

/** Writes the disks of a file, which come next in it, to VDIs that hold zeros. Throws as `readDisk`, and as storage does. */
export async function fillDisks(
  work: Work,
  tar: TarReader,
  disks: readonly StreamedDisk[],
  { exportVersion, force }: { readonly exportVersion: number; readonly force: boolean },
): Promise<void> {
  const { task } = work;
  const listed = new Map<string, string>();
  const checksums = await Checksums.load();
  const checks: ChunkChecks = {
    checksums,
    required: exportVersion > 0,
    force,
    ...(exportVersion === 0 && {
      onPiece: (name: string, data: Buffer) => {
        if (listed.size >= MOST_LISTED) throw badFile('the file has too many pieces without a checksum of their own');
        listed.set(name, checksums.of('checksum', data));
      },
    }),
  };
  const total = disks.reduce((sum, { size }) => sum + size, 0) || 1;
  let before = 0;
  for (const disk of [...disks].sort(byId)) {
    const start = before;
    const stream = streamOf(tar, disk, checks, (done) => task.progress((start + done) / total));
    await writeDisk(work, disk.vdi, stream, () => task.check());
    before += disk.size;
  }
  if (exportVersion === 0 && listed.size > 0 && !force) await checkList(tar, listed);
  // A file that was cut off behind the last disk has lost nothing that counts, but nobody would know that it was.
  await tar.peek();
}

/** `seen` hears up to where pieces have come, in bytes. */
function streamOf(
  tar: TarReader,
  { id, size, onStart }: StreamedDisk,
  checks: ChunkChecks,
  seen: (end: number) => void,
): DiskStream {
  return {
    size,
    wholeUpTo: Infinity,
    mayRepeat: false,
    async *pieces() {
      for await (const piece of readDisk(tar, id, size, checks)) {
        if (piece.offset === 0) onStart?.(piece.data);
        seen(piece.offset + piece.data.length);
        yield piece;
      }
    },
  };
}

/** Old files have the checksums of all pieces in a list behind them. */
async function checkList(tar: TarReader, listed: ReadonlyMap<string, string>): Promise<void> {
  const entry = await tar.next();
  if (!entry) throw new ApiError('IMPORT_ERROR_PREMATURE_EOF');
  const wanted = readChecksumList(await tar.content(entry, LARGEST_DESCRIPTION));
  for (const [name, sum] of listed) if (wanted.get(name) !== sum) throw new ApiError('IMPORT_ERROR_SOME_CHECKSUMS_FAILED');
}
