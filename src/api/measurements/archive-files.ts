import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { replaceFile } from '../../files/replace-file.js';
import type { MetricOwner } from '../../host/metrics.js';
import { decodeArchives, encodeArchives } from './archive-bytes.js';
import type { OwnerArchives } from './owner-archives.js';
import type { ArchivePlan } from './plan.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Bytes of a file when it is unpacked: the most sources in the ten archives of a host take half of it. */
const MAX_BYTES = 2 ** 26;

/** Any sixteen bytes: domains of others have uuids of no version. Nothing else becomes part of a path. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const KINDS = ['host', 'vm', 'sr'] as const;
const SUFFIX = '.gz';

/**
 * The archives on disk: one packed file for each owner, written whole. They are not forced to the disk (a thousand owners
 * would take it for seconds); the checksum of the packing shows what a crash of the machine has cut off.
 */
export class ArchiveFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What was written of an owner; undefined when nothing was. Rejects when the file is damaged. */
  async read(owner: MetricOwner, plans: readonly ArchivePlan[]): Promise<OwnerArchives | undefined> {
    const path = this.#path(owner);
    if (path === undefined) return undefined;
    let packed: Buffer;
    try {
      packed = await readFile(path);
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      throw thrown;
    }
    return decodeArchives(owner, plans, await decompress(packed, { maxOutputLength: MAX_BYTES }));
  }

  async write(archives: OwnerArchives): Promise<void> {
    const path = this.#path(archives.owner);
    if (path === undefined) return;
    const packed = await compress(encodeArchives(archives), { level: 1 });
    try {
      await replaceFile(path, packed);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      await mkdir(join(this.#directory, archives.owner.kind), { recursive: true, mode: 0o700 });
      await replaceFile(path, packed);
    }
  }

  async remove(owner: MetricOwner): Promise<void> {
    const path = this.#path(owner);
    if (path !== undefined) await rm(path, { force: true });
  }

  /** Everybody of whom something was written; what a kill has left half written is removed on the way. */
  async list(): Promise<MetricOwner[]> {
    const found: MetricOwner[] = [];
    for (const kind of KINDS) {
      const directory = join(this.#directory, kind);
      for (const name of await readdir(directory).catch(() => [])) {
        const uuid = name.slice(0, -SUFFIX.length);
        if (name.endsWith(SUFFIX) && UUID.test(uuid)) found.push({ kind, uuid });
        else if (name.endsWith('.new')) await rm(join(directory, name), { force: true });
      }
    }
    return found;
  }

  /** Where an owner's file is; undefined for one that has none, because what it is called is no uuid. */
  #path({ kind, uuid }: MetricOwner): string | undefined {
    return UUID.test(uuid) ? join(this.#directory, kind, `${uuid}${SUFFIX}`) : undefined;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}
