import { randomBytes } from 'node:crypto';
import { SUPERUSER } from '../accounts/account.js';
import type { Accounts } from '../accounts/accounts.js';
import type { Config } from '../config/load-config.js';
import { readSecretFile } from '../config/secret-file.js';

/** Random bytes of a password that is made: 96 bits, 16 characters. */
const BYTES = 12;

/**
 * Sees to it that root can log in: with the password of the configuration, with the one it has, or else with a new one,
 * which is returned so that it can be shown once.
 */
export async function ensureRootPassword(accounts: Accounts, config: Config): Promise<string | undefined> {
  const configured =
    config.rootPassword ?? (config.rootPasswordFile && (await readSecretFile(config.rootPasswordFile, 'root-password-file')));
  if (configured !== undefined) {
    if (!(await accounts.verify(SUPERUSER, configured))) await accounts.setPassword(SUPERUSER, configured);
    return undefined;
  }
  if (await accounts.hasRootPassword()) return undefined;
  const made = randomBytes(BYTES).toString('base64url');
  await accounts.setPassword(SUPERUSER, made);
  return made;
}
