import { newPoolSecret, readPoolSecret, writePoolSecret } from '../files/pool-secret.js';

/** The secret by which hosts of the pool know each other: made at first start, readable by the daemon's user alone. */
export async function loadPoolSecret(dataDir: string): Promise<string> {
  const kept = await readPoolSecret(dataDir);
  if (kept !== undefined) return kept;
  const secret = newPoolSecret();
  await writePoolSecret(dataDir, secret);
  return secret;
}
