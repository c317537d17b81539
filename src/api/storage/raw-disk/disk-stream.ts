import { chunkedStream } from '../../../wire/disk/chunked.js';
import type { DiskStream } from '../../../wire/disk/disk-stream.js';
import { qcow2Stream } from '../../../wire/disk/qcow2/qcow2-stream.js';
import { rawStream } from '../../../wire/disk/raw-stream.js';
import type { Spool } from '../../../wire/disk/spool.js';
import { vhdStream } from '../../../wire/disk/vhd/vhd-stream.js';
import { vhdxStream } from '../../../wire/disk/vhdx/vhdx-stream.js';
import { vmdkStream } from '../../../wire/disk/vmdk/vmdk-stream.js';
import type { ByteSource } from '../../../wire/xva/byte-source.js';
import type { TakenFormat } from './formats.js';
import { tarStream } from './tar-form.js';

/** How the content of a disk comes in. */
export interface DiskForm {
  readonly format: TakenFormat;
  /** Raw, as records of parts of the disk. */
  readonly chunked: boolean;
  /** Bytes of the whole upload, when they were said. */
  readonly length: number | undefined;
}

/** Begins to read a disk. `size`: bytes of the disk that is to take it, when there is one. Throws as the formats do. */
export async function openDiskStream(
  source: ByteSource,
  { format, chunked, length }: DiskForm,
  size: number | undefined,
  spool: Spool,
): Promise<DiskStream> {
  switch (format) {
    case 'raw':
      return chunked ? chunkedStream(source) : rawStream(source, length);
    case 'vhd':
      return vhdStream(source, length);
    case 'qcow2':
      return qcow2Stream(source, spool);
    case 'vmdk':
      return vmdkStream(source, spool);
    case 'vhdx':
      return vhdxStream(source, spool);
    case 'tar':
      return tarStream(source, size ?? 0);
  }
}
