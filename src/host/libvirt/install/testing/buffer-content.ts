import { ApiError } from '../../../../model/error.js';
import type { VolumeContent } from '../../../volume-content.js';

/** Bytes as the content of a volume that is only read. */
export function bufferContent(bytes: Buffer): VolumeContent {
  const refused = (): Promise<never> => Promise.reject(new ApiError('VDI_IO_ERROR', 'write'));
  return {
    size: bytes.length,
    async read(offset, length) {
      if (offset < 0 || offset + length > bytes.length) throw new ApiError('VDI_IO_ERROR', 'read');
      return Buffer.from(bytes.subarray(offset, offset + length));
    },
    write: refused,
    zero: refused,
    extents: async () => [{ offset: 0, length: bytes.length }],
    close: async () => undefined,
  };
}

/** A disk with nothing but a boot loader that says its name. */
export function loaderDisk(): Buffer {
  const sector = Buffer.alloc(512);
  sector.write('GRUB', 384, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
