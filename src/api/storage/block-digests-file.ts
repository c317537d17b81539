import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the block digests that were kept of a VDI whose data was destroyed. */
export async function forgetDigests(dataDir: string, uuid: string): Promise<void> {
  await rm(digestsFile(dataDir, uuid), { force: true });
}

function digestsFile(dataDir: string, uuid: string): string {
  return join(dataDir, 'changed-blocks', uuid);
}
