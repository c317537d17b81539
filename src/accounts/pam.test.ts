import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';
import { PamAuthenticator, PamUnavailableError } from './pam.js';

/** Stands for the package: knows one password, never answers about one user, and dies of another. */
const FAKE_PACKAGE = `
exports.authenticate = (name, password, done, { serviceName }) => {
  if (name === 'slow') return void setInterval(() => undefined, 1000);
  if (name === 'deadly') process.abort();
  done(password === serviceName + ' password' ? undefined : 'Authentication failure');
};`;

let directory: string;
let accounts: Accounts;
let module: string;
beforeAll(async () => {
  directory = await mkdtemp(`${tmpdir()}/pam-`);
  accounts = await Accounts.open(directory);
  await accounts.add('bob', 'vm-admin', undefined);
  await writeFile(`${directory}/fake.cjs`, FAKE_PACKAGE);
  module = pathToFileURL(`${directory}/fake.cjs`).href;
});
afterAll(() => rm(directory, { recursive: true }));

describe('PamAuthenticator', () => {
  const pam = (options: { timeLimit?: number } = {}): PamAuthenticator =>
    new PamAuthenticator(accounts, { module, service: 'gateway', ...options });

  it('takes the roles of the account of the same name', async () => {
    expect(await pam().verify('bob', 'gateway password')).toMatchObject({ name: 'bob', superuser: false, roles: ['vm-admin'] });
  });

  it('knows the superuser, and users who have no role', async () => {
    const [root, carol] = await Promise.all([
      pam().verify('root', 'gateway password'),
      pam().verify('carol', 'gateway password'),
    ]);
    expect(root).toEqual({ name: 'root', superuser: true, roles: [] });
    expect(carol).toEqual({ name: 'carol', superuser: false, roles: [] });
  });

  it('refuses wrong passwords, and does not ask about what no user is called', async () => {
    expect(await pam().verify('bob', 'wrong')).toBeUndefined();
    expect(await pam({ timeLimit: 1 }).verify('bo\0b', 'gateway password')).toBeUndefined();
  });

  it('says so when PAM does not answer, and when its process dies', async () => {
    await expect(pam({ timeLimit: 700 }).verify('slow', 'x')).rejects.toThrow('did not answer within 0.7 s');
    await expect(pam().verify('deadly', 'x')).rejects.toThrow(/ended without an answer/);
  });

  it('says what to do when the package is missing', async () => {
    const missing = new PamAuthenticator(accounts, { module: 'no-such-package-for-pam' });
    await expect(missing.verify('bob', 'x')).rejects.toThrow(PamUnavailableError);
    await expect(missing.verify('bob', 'x')).rejects.toThrow('npm install no-such-package-for-pam');
  });

  it('says why when the package cannot be used', async () => {
    await writeFile(`${directory}/empty.cjs`, '');
    const empty = new PamAuthenticator(accounts, { module: pathToFileURL(`${directory}/empty.cjs`).href });
    await expect(empty.verify('bob', 'x')).rejects.toThrow('no function authenticate');
  });
});
