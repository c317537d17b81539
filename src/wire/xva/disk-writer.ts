import type { Checksums } from './checksums.js';
import { chunkName } from './disk-chunks.js';
import { encodeTarHeader, tarPadding } from './tar-header.js';

const NOTHING = Buffer.alloc(0);

/** The entry of a file of a tar stream, in pieces that are sent one after the other. `time` in seconds since 1970. */
export function tarFile(name: string, content: readonly Buffer[], time: number): Buffer[] {
  const size = content.reduce((sum, piece) => sum + piece.length, 0);
  return [encodeTarHeader(name, size, time), ...content, Buffer.alloc(tarPadding(size))].filter((piece) => piece.length > 0);
}

/** Makes the entries of one disk: its pieces, each followed by its checksum. */
export class DiskWriter {
  readonly #disk: string;
  readonly #checksums: Checksums;
  readonly #time: number;
  #number = 0;

  /** `disk` is the id of its object; `time` goes into the entries, in seconds since 1970. */
  constructor(disk: string, checksums: Checksums, time: number) {
    this.#disk = disk;
    this.#checksums = checksums;
    this.#time = time;
  }

  /** The next piece. */
  chunk(data: Buffer): Buffer[] {
    const { before, after } = this.around(data);
    return [before, data, after];
  }

  /** What stands before and behind the bytes of the next piece. */
  around(data: Buffer): { readonly before: Buffer; readonly after: Buffer } {
    const name = chunkName(this.#disk, this.#number++);
    const sum = Buffer.from(this.#checksums.of('xxhash', data), 'latin1');
    const padding = Buffer.alloc(tarPadding(data.length));
    return {
      before: encodeTarHeader(name, data.length, this.#time),
      after: Buffer.concat([padding, ...tarFile(`${name}.xxhash`, [sum], this.#time)]),
    };
  }

  /** So many pieces hold nothing but zeros. Not the first one: readers learn the size of all from it. */
  zeros(count: number): void {
    this.#number += count;
  }

  /** Says that there is more to come: a piece without content, for lines that are cut when nothing comes over them. */
  keepAlive(): Buffer[] {
    return this.chunk(NOTHING);
  }
}
