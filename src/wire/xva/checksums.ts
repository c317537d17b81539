import { createHash } from 'node:crypto';
import xxhash, { type XXHashAPI } from 'xxhash-wasm';

/** Checksums of pieces of disks that a file may hold. The first is what is written. */
export type ChecksumKind = 'xxhash' | 'checksum';

/** How names of files with checksums end. */
export const CHECKSUM_SUFFIXES: readonly { readonly suffix: string; readonly kind: ChecksumKind }[] = [
  { suffix: '.xxhash', kind: 'xxhash' },
  { suffix: '.checksum', kind: 'checksum' },
];

/** Works out checksums. */
export class Checksums {
  readonly #xxhash: XXHashAPI;

  private constructor(api: XXHashAPI) {
    this.#xxhash = api;
  }

  /** Loads the code of the hash. */
  static async load(): Promise<Checksums> {
    return new Checksums(await xxhash());
  }

  /** XXH64 in 16 upper-case hexadecimal digits, or SHA-1 in 40 lower-case ones. */
  of(kind: ChecksumKind, data: Buffer): string {
    if (kind === 'checksum') return createHash('sha1').update(data).digest('hex');
    return this.#xxhash.h64Raw(data).toString(16).toUpperCase().padStart(16, '0');
  }
}
