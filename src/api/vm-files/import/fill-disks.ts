import type { VolumeContent } from '../../../host/volume-content.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { Checksums } from '../../../wire/xva/checksums.js';
import { LARGEST_DESCRIPTION, readChecksumList } from '../../../wire/xva/description.js';
import { byId } from '../../../wire/xva/disk-chunks.js';
import { type ChunkChecks, type DiskPiece, readDisk } from '../../../wire/xva/disk-reader.js';
import { badFile } from '../../../wire/xva/file-error.js';
import type { TarReader } from '../../../wire/xva/tar-reader.js';
import { storageForVdi, volumeAddress } from '../../storage/placement.js';
import { recordChange, statVolume } from '../../storage/volume-state.js';
import type { Work } from '../export/export.js';

/** Pieces that storage works on while the next one comes in. */
const WRITES_AT_ONCE = 4;

/** Pieces whose checksums are kept until the list at the end of a file comes: only files of 2007 have it, and no such disks. */
const MOST_LISTED = 500_000;

/** A disk whose data the file holds. */
export interface StreamedDisk {
  /** Of its object in the file. */
  readonly id: string;
  readonly vdi: Ref<'VDI'>;
  /** In bytes, as the file says. */
  readonly size: number;
  /** Sees its first piece. */
  readonly onStart?: (data: Buffer) => void;
}

/** Writes the disks of a file, which come next in it, to VDIs that hold zeros. Throws as `readDisk`, and as storage does. */
export async function fillDisks(
  { api, task }: Work,
  tar: TarReader,
  disks: readonly StreamedDisk[],
  { exportVersion, force }: { readonly exportVersion: number; readonly force: boolean },
): Promise<void> {
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
    const seen = ({ offset, data }: DiskPiece) => {
      if (offset === 0) disk.onStart?.(data);
      task.check();
      task.progress((start + offset + data.length) / total);
    };
    const content = await storageForVdi(api, disk.vdi).open(volumeAddress(api, disk.vdi), 'write');
    try {
      await writePieces(content, readDisk(tar, disk.id, disk.size, checks), seen);
    } finally {
      await content.close();
    }
    await recordChange(api, disk.vdi, await statVolume(api, disk.vdi));
    before += disk.size;
  }
  if (exportVersion === 0 && listed.size > 0 && !force) await checkList(tar, listed);
  // A file that was cut off behind the last disk has lost nothing that counts, but nobody would know that it was.
  await tar.peek();
}

async function writePieces(
  content: VolumeContent,
  pieces: AsyncIterable<DiskPiece>,
  seen: (piece: DiskPiece) => void,
): Promise<void> {
  const writes = new Set<Promise<void>>();
  let failed: unknown;
  try {
    for await (const piece of pieces) {
      seen(piece);
      if (failed !== undefined) break;
      if (isZero(piece.data)) continue;
      const write = content.write(piece.offset, piece.data).catch((error: unknown) => {
        failed ??= error;
      });
      writes.add(write);
      write.then(() => writes.delete(write));
      if (writes.size >= WRITES_AT_ONCE) await Promise.race(writes);
    }
  } finally {
    await Promise.all(writes);
  }
  if (failed !== undefined) throw failed;
}

const ZEROS = Buffer.alloc(1024 * 1024);

function isZero(data: Buffer): boolean {
  for (let at = 0; at < data.length; at += ZEROS.length) {
    const part = data.subarray(at, at + ZEROS.length);
    if (!part.equals(ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}

/** Old files have the checksums of all pieces in a list behind them. */
async function checkList(tar: TarReader, listed: ReadonlyMap<string, string>): Promise<void> {
  const entry = await tar.next();
  if (!entry) throw new ApiError('IMPORT_ERROR_PREMATURE_EOF');
  const wanted = readChecksumList(await tar.content(entry, LARGEST_DESCRIPTION));
  for (const [name, sum] of listed) if (wanted.get(name) !== sum) throw new ApiError('IMPORT_ERROR_SOME_CHECKSUMS_FAILED');
}
