import type { VolumeContent } from '../../../host/volume-content.js';
import type { DiskStream } from '../../../wire/disk/disk-stream.js';
import type { ByteSource } from '../../../wire/xva/byte-source.js';
import { Checksums } from '../../../wire/xva/checksums.js';
import { readDisk } from '../../../wire/xva/disk-reader.js';
import { DiskWriter } from '../../../wire/xva/disk-writer.js';
import { tarEnd } from '../../../wire/xva/tar-header.js';
import { TarReader } from '../../../wire/xva/tar-reader.js';
import type { TaskHandle } from '../../tasks.js';
import { diskEntries } from '../../vm-files/export/disk-content.js';

/** What the pieces of a disk are called that is alone in its file. */
const DISK = 'vdi';

/** A disk as the pieces in which files of VMs have theirs. */
export async function* tarBytes(content: VolumeContent, task: TaskHandle): AsyncGenerator<Buffer, void, void> {
  const writer = new DiskWriter(DISK, await Checksums.load(), Math.floor(Date.now() / 1000));
  yield* diskEntries(content, content.size, writer, {
    done: (bytes) => {
      task.check();
      task.progress(content.size === 0 ? 1 : bytes / content.size);
    },
  });
  yield tarEnd();
}

/** Pieces of a disk of so many bytes, which the file itself does not say. */
export async function tarStream(source: ByteSource, size: number): Promise<DiskStream> {
  const checks = { checksums: await Checksums.load(), required: false, force: false };
  return { size, wholeUpTo: Infinity, mayRepeat: false, pieces: () => readDisk(new TarReader(source), DISK, size, checks) };
}
