import { setMaxListeners } from 'node:events';
import { ExtentList } from '../../host/extents.js';
import { ApiError } from '../../model/error.js';
import type { Exports, OpenExport, Security } from '../exports.js';

/** Bytes of which zeros are told apart. */
const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);

/** Offers one disk, called `disk`, from memory. */
export class MemoryExports implements Exports {
  readonly bytes: Buffer;
  where: Security | undefined = 'optional';
  /** Clients that have the disk open. */
  readers = 0;
  used = 0;
  /** What reading waits for or fails with. */
  reading: () => Promise<void> = async () => undefined;
  readonly end = new AbortController();

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    // Every client listens.
    setMaxListeners(0, this.end.signal);
  }

  security(): Security | undefined {
    return this.where;
  }

  size(name: string): number {
    if (name === 'secret') throw new ApiError('RBAC_PERMISSION_DENIED', 'x', 'y');
    if (name !== 'disk') throw new ApiError('UUID_INVALID', 'VDI', name);
    return this.bytes.length;
  }

  async open(name: string): Promise<OpenExport> {
    const size = this.size(name);
    this.readers++;
    let isOpen = true;
    return {
      size,
      ended: this.end.signal,
      read: async (offset, length) => {
        await this.reading();
        return Buffer.from(this.bytes.subarray(offset, offset + length));
      },
      extents: async () => {
        const list = new ExtentList();
        for (let at = 0; at < size; at += BLOCK) {
          const block = this.bytes.subarray(at, at + BLOCK);
          if (!block.equals(ZEROS.subarray(0, block.length))) list.add(at, block.length);
        }
        return list.all();
      },
      used: () => {
        this.used++;
      },
      close: async () => {
        if (isOpen) this.readers--;
        isOpen = false;
      },
    };
  }
}
