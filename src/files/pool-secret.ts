import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from './atomic-write.js';

const BYTES = 48;

function path(dataDir: string): string {
  return join(dataDir, 'pool-secret');
}

/** The secret that a data directory holds, or undefined. Rejects when there is one that cannot be read. */
export async function readPoolSecret(dataDir: string): Promise<string | undefined> {
  try {
    const kept = (await readFile(path(dataDir), 'utf8')).trim();
    return kept === '' ? undefined : kept;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Puts a secret into a data directory, readable by the daemon's user alone. */
export async function writePoolSecret(dataDir: string, secret: string): Promise<void> {
  await writeFileAtomically(path(dataDir), `${secret}\n`);
}

/** A secret that nobody can guess. */
export function newPoolSecret(): string {
  return randomBytes(BYTES).toString('base64url');
}
