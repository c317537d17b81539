import { createHash, type Hash } from 'node:crypto';
import { badFile } from '../xva/file-error.js';

/** Longest list of digests that is read, in bytes: it has a line for each file. */
export const LARGEST_MANIFEST = 2 ** 20;

/** Ways in which digests of files are made. */
export const DIGESTS = ['sha1', 'sha256', 'sha512'] as const;

/** A way in which a digest of a file is made. */
export type DigestKind = (typeof DIGESTS)[number];

/** A digest in hexadecimal digits. */
export interface FileDigest {
  readonly kind: DigestKind;
  readonly digits: string;
}

/** Reads lines like `SHA256(disk.vmdk)= 9f86…`. Throws IMPORT_ERROR for others. */
export function readManifest(text: string): ReadonlyMap<string, FileDigest> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line) => {
      const [, algorithm = '', name = '', digits = ''] = /^(SHA\d+)\s*\((.+)\)\s*=\s*([0-9a-fA-F]{40,128})\s*$/.exec(line) ?? [];
      const kind = DIGESTS.find((one) => one === algorithm.toLowerCase());
      if (kind === undefined) throw badFile('the manifest of the appliance has a line that is not understood');
      return [name, { kind, digits: digits.toLowerCase() }] as const;
    }),
  );
}

/** Makes the digests of a file while it passes. */
export class FileDigests {
  readonly #hashes: readonly (readonly [DigestKind, Hash])[];

  constructor(kinds: readonly DigestKind[]) {
    this.#hashes = kinds.map((kind) => [kind, createHash(kind)]);
  }

  /** Takes the next bytes. */
  add(bytes: Buffer): void {
    for (const [, hash] of this.#hashes) hash.update(bytes);
  }

  /** The digests, when everything has passed. */
  end(): FileDigest[] {
    return this.#hashes.map(([kind, hash]) => ({ kind, digits: hash.digest('hex') }));
  }
}
