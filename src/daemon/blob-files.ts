import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { blobPath } from '../api/blob-path.js';
import type { Database } from '../db/database.js';
import type { BlobAccess, BlobInfo } from '../http/endpoints/blob-access.js';
import { toDateTime } from '../model/datetime.js';
import { ApiError } from '../model/error.js';

/** Contents of blobs as files of the data directory. */
export class BlobFiles implements BlobAccess {
  readonly #db: Database;
  readonly #dataDir: string;

  constructor(db: Database, dataDir: string) {
    this.#db = db;
    this.#dataDir = dataDir;
  }

  find(refOrUuid: string): BlobInfo | undefined {
    const ref = this.#db.table('blob').refsByUuid.get(refOrUuid) ?? refOrUuid;
    const record = this.#db.find('blob', ref);
    if (!record) return undefined;
    const { mime_type: mimeType, public: isPublic, size } = record.fields;
    return { ref, mimeType, public: isPublic, size };
  }

  async read(ref: string): ReturnType<BlobAccess['read']> {
    const path = this.#path(ref);
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    return size === undefined ? undefined : { size, content: createReadStream(path) };
  }

  async write(ref: string, content: AsyncIterable<Buffer>): Promise<void> {
    const path = this.#path(ref);
    let size = 0;
    const partial = `${path}.${randomUUID()}`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const file = await open(partial, 'wx', 0o600);
      try {
        for await (const piece of content) {
          await file.writeFile(piece);
          size += piece.length;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      if (!this.#db.exists('blob', ref)) throw new ApiError('HANDLE_INVALID', 'blob', ref);
      await rename(partial, path);
    } catch (thrown) {
      await rm(partial, { force: true });
      throw thrown;
    }
    this.#db.set('blob', ref, { size, last_updated: toDateTime() });
    await this.#db.durable();
  }

  #path(ref: string): string {
    return blobPath(this.#dataDir, this.#db.get('blob', ref).uuid);
  }
}
