import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Accounts } from '../accounts/accounts.js';
import { type Config, loadConfig } from '../config/load-config.js';
import { ensureRootPassword } from './root-password.js';

let dataDir: string;
let accounts: Accounts;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'root-password-'));
  accounts = await Accounts.open(dataDir, { cost: { ln: 5, r: 8, p: 1 } });
});
afterEach(async () => {
  accounts.close();
  await rm(dataDir, { recursive: true });
});

async function config(given: Partial<Pick<Config, 'rootPassword' | 'rootPasswordFile'>>): Promise<Config> {
  const { config: loaded } = await loadConfig({ flags: { dataDir }, env: {}, defaultFile: join(dataDir, 'none.yaml') });
  return { ...loaded, ...given };
}

it('makes a password once, and tells it that once', async () => {
  const made = await ensureRootPassword(accounts, await config({}));
  expect(made).toMatch(/^[\w-]{16}$/);
  expect(await accounts.verify('root', made ?? '')).toBeTruthy();
  expect(await ensureRootPassword(accounts, await config({}))).toBeUndefined();
  expect(await accounts.verify('root', made ?? '')).toBeTruthy();
});

it('takes the password of the configuration, also in place of an earlier one', async () => {
  await ensureRootPassword(accounts, await config({}));
  expect(await ensureRootPassword(accounts, await config({ rootPassword: 'configured' }))).toBeUndefined();
  expect(await accounts.verify('root', 'configured')).toBeTruthy();
});

it('takes the password of a file without its line end, and refuses a file that is not there', async () => {
  const rootPasswordFile = join(dataDir, 'password');
  await expect(ensureRootPassword(accounts, await config({ rootPasswordFile }))).rejects.toThrow('root-password-file');
  await writeFile(rootPasswordFile, 'from a file\n', { mode: 0o600 });
  await ensureRootPassword(accounts, await config({ rootPasswordFile }));
  expect(await accounts.verify('root', 'from a file')).toBeTruthy();
});
