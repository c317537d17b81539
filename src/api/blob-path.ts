import { join } from 'node:path';
import { ApiError } from '../model/error.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Where a blob's content is kept. Throws for what is no uuid: a dump of another pool may bring anything along. */
export function blobPath(dataDir: string, uuid: string): string {
  if (!UUID.test(uuid)) throw new ApiError('UUID_INVALID', 'blob', uuid);
  return join(dataDir, 'blobs', uuid);
}
