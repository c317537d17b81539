import { ContentWriter } from '../../../host/content-writer.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { DiskStream } from '../../../wire/disk/disk-stream.js';
import type { WriteTarget } from './write-target.js';

/**
 * Writes what comes of a disk. `onPiece` is called for each piece, and stops the work by throwing. Nothing is under way any more
 * when this ends, however it does. Rejects with VDI_TOO_SMALL for what does not fit, as the stream does, and as storage does.
 */
export async function writeStream(
  stream: DiskStream,
  { content, isBlank }: WriteTarget,
  vdi: Ref<'VDI'>,
  onPiece: () => void,
): Promise<void> {
  const writer = new ContentWriter(content, isBlank && !stream.mayRepeat);
  try {
    for await (const { offset, data } of stream.pieces()) {
      onPiece();
      const end = offset + data.length;
      if (end > content.size) throw new ApiError('VDI_TOO_SMALL', vdi, String(end));
      await writer.put(offset, data);
    }
    await writer.finish();
  } finally {
    await writer.settle();
  }
}
