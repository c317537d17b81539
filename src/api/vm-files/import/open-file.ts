import { ByteSource } from '../../../wire/xva/byte-source.js';
import { badFile, earlyEnd } from '../../../wire/xva/file-error.js';
import { type TarEntry, TarReader } from '../../../wire/xva/tar-reader.js';
import type { Api } from '../../api.js';
import { compressionOf, decompressed, TELLING_BYTES } from '../compression.js';
import { isEnvelope, openOva } from './ova/open-ova.js';
import type { VmFile } from './vm-file.js';
import { openXva } from './xva/open-xva.js';

/** A tar file whose first entry is next to be read. */
export interface OpenTar {
  readonly tar: TarReader;
  readonly first: TarEntry;
  /** Ends what reads it. */
  close(): Promise<void>;
}

/** How a description begins that is no tar file. */
const MARKUP = '<';

/**
 * Reads the beginning of a file of VMs: those of XCP, and appliances in OVF. Throws IMPORT_ERROR_UNEXPECTED_FILE,
 * IMPORT_ERROR_PREMATURE_EOF, IMPORT_ERROR, and IMPORT_INCOMPATIBLE_VERSION for one that a later version has written.
 */
export function openFile(api: Api, upload: AsyncIterable<Buffer>): Promise<VmFile> {
  return openTar(upload, (file) => (isEnvelope(file.first) ? openOva(api, file) : openXva(file)));
}

/** Opens a tar file, compressed or not, and reads on in it; ends it when that fails. */
export async function openTar<T>(upload: AsyncIterable<Buffer>, read: (file: OpenTar) => Promise<T>): Promise<T> {
  const outer = new ByteSource(upload);
  const beginning = await outer.peek(TELLING_BYTES);
  if (beginning.length === 0) throw earlyEnd();
  if (beginning.toString('latin1').startsWith(MARKUP))
    throw badFile('the file only describes VMs: pack the OVF file and its disks into a tar file (OVA), the OVF file first');
  const source = new ByteSource(decompressed(compressionOf(beginning), outer.rest()));
  try {
    const tar = new TarReader(source);
    const first = await tar.next();
    if (!first) throw earlyEnd();
    return await read({ tar, first, close: () => source.close() });
  } catch (thrown) {
    await source.close();
    throw thrown;
  }
}
