import type { Ref } from '../../../model/ref.js';
import type { DiskStream } from '../../../wire/disk/disk-stream.js';
import { storageForVdi, volumeAddress } from '../../storage/placement.js';
import { writeStream } from '../../storage/raw-disk/write-stream.js';
import { openNew } from '../../storage/raw-disk/write-target.js';
import { recordChange, statVolume } from '../../storage/volume-state.js';
import type { Work } from '../export/export.js';

/** Writes the content of a disk that was just made. `onPiece` is called for each piece, and stops the work by throwing. */
export async function writeDisk({ api }: Work, vdi: Ref<'VDI'>, stream: DiskStream, onPiece: () => void): Promise<void> {
  const target = await openNew(storageForVdi(api, vdi), volumeAddress(api, vdi));
  try {
    await writeStream(stream, target, vdi, onPiece);
  } catch (thrown) {
    await target.abandon();
    throw thrown;
  }
  await target.content.close();
  await recordChange(api, vdi, await statVolume(api, vdi));
}
