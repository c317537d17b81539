import { ByteSource } from '../../../wire/xva/byte-source.js';
import { DESCRIPTION_NAME, type Description, LARGEST_DESCRIPTION, readDescription } from '../../../wire/xva/description.js';
import { earlyEnd, unexpectedFile } from '../../../wire/xva/file-error.js';
import { TarReader } from '../../../wire/xva/tar-reader.js';
import { compressionOf, decompressed, TELLING_BYTES } from '../compression.js';
import { assertReadable } from '../versions.js';

/** A file whose description has been read; its disks come next. */
export interface OpenFile {
  readonly description: Description;
  readonly tar: TarReader;
  /** Ends what reads it. */
  close(): Promise<void>;
}

/**
 * Reads the beginning of a file, compressed or not. Throws IMPORT_ERROR_UNEXPECTED_FILE, IMPORT_ERROR_PREMATURE_EOF, IMPORT_ERROR,
 * and IMPORT_INCOMPATIBLE_VERSION for one that a later version has written.
 */
export async function openFile(upload: AsyncIterable<Buffer>): Promise<OpenFile> {
  const outer = new ByteSource(upload);
  const beginning = await outer.peek(TELLING_BYTES);
  if (beginning.length === 0) throw earlyEnd();
  const source = new ByteSource(decompressed(compressionOf(beginning), outer.rest()));
  try {
    const tar = new TarReader(source);
    const entry = await tar.next();
    if (!entry) throw earlyEnd();
    if (entry.name !== DESCRIPTION_NAME) throw unexpectedFile(DESCRIPTION_NAME, entry.name);
    const description = readDescription(await tar.content(entry, LARGEST_DESCRIPTION));
    assertReadable(description.version);
    return { description, tar, close: () => source.close() };
  } catch (thrown) {
    await source.close();
    throw thrown;
  }
}
