import { ApiError } from '../../../../model/error.js';
import {
  DIGESTS,
  type DigestKind,
  type FileDigest,
  FileDigests,
  LARGEST_MANIFEST,
  readManifest,
} from '../../../../wire/ovf/manifest.js';
import type { TarEntry, TarReader } from '../../../../wire/xva/tar-reader.js';

const MANIFEST = /\.mf$/i;

/** Compares the files of an appliance with its manifest, which may come before them or behind. */
export class FileChecks {
  readonly #force: boolean;
  readonly #found = new Map<string, readonly FileDigest[]>();
  #wanted: ReadonlyMap<string, FileDigest> | undefined;

  /** `force`: files that do not fit are taken all the same. */
  constructor(force: boolean) {
    this.#force = force;
  }

  /** The bytes of a file, which are looked at as they pass. Throws IMPORT_ERROR_SOME_CHECKSUMS_FAILED at its end. */
  async *passing(name: string, bytes: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer, void, void> {
    const digests = new FileDigests(this.#kindsFor(name));
    for await (const piece of bytes) {
      digests.add(piece);
      yield piece;
    }
    this.#found.set(name, digests.end());
    this.#check(name);
  }

  /** Takes a file that is the manifest; false for another one. */
  async takeManifest(tar: TarReader, entry: TarEntry): Promise<boolean> {
    if (this.#wanted !== undefined || !MANIFEST.test(entry.name)) return false;
    this.#wanted = readManifest((await tar.content(entry, LARGEST_MANIFEST)).toString('utf8'));
    for (const name of this.#found.keys()) this.#check(name);
    return true;
  }

  #kindsFor(name: string): readonly DigestKind[] {
    if (this.#force) return [];
    if (this.#wanted === undefined) return DIGESTS;
    const wanted = this.#wanted.get(name);
    return wanted === undefined ? [] : [wanted.kind];
  }

  #check(name: string): void {
    const wanted = this.#wanted?.get(name);
    if (wanted === undefined || this.#force) return;
    const found = this.#found.get(name)?.find(({ kind }) => kind === wanted.kind);
    if (found?.digits !== wanted.digits) throw new ApiError('IMPORT_ERROR_SOME_CHECKSUMS_FAILED');
  }
}
