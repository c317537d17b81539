import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.js';

const BYTES = 48;

/** The secret by which hosts of the pool know each other: made at first start, readable by the daemon's user alone. */
export async function loadPoolSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'pool-secret');
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const secret = randomBytes(BYTES).toString('base64url');
  await writeFileAtomically(path, `${secret}\n`);
  return secret;
}
