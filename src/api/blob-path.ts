import { join } from 'node:path';

/** Where a blob's content is kept. The uuid is the database's own, never text from a client. */
export function blobPath(dataDir: string, uuid: string): string {
  return join(dataDir, 'blobs', uuid);
}
