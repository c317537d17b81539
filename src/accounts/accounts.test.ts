import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from './account.js';
import { Accounts, accountsPath } from './accounts.js';

/** A hash of "secret" that is weaker than the ones made below. */
const WEAK_HASH = '$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$8fMVNQRIS3XNsc6gAOqWRDEoI09km9Ol5J49QfkUo8E';

let directory: string;
let accounts: Accounts;
const open = (): Promise<Accounts> => Accounts.open(directory, { cost: { ln: 5, r: 8, p: 1 } });
beforeEach(async () => {
  directory = await mkdtemp(`${tmpdir()}/accounts-`);
  accounts = await open();
});
afterEach(async () => {
  accounts.close();
  await rm(directory, { recursive: true });
});

describe('Accounts', () => {
  it('has nobody at first, and then lets nobody in', async () => {
    expect(await accounts.list()).toEqual([]);
    expect(await accounts.hasRootPassword()).toBe(false);
    expect(await accounts.verify('root', '')).toBeUndefined();
    expect(await accounts.verify('root', 'x')).toBeUndefined();
  });

  it('lets an account in with its password only', async () => {
    const bob = await accounts.add('bob', 'vm-operator', 'sécret');
    expect(bob).toMatchObject({ name: 'bob', superuser: false, roles: ['vm-operator'] });
    expect(await accounts.verify('bob', 'sécret')).toEqual(bob);
    expect(await accounts.verify('bob', 'se\u0301cret'), 'the same text in another normal form').toEqual(bob);
    expect(await accounts.verify('bob', 'secret')).toBeUndefined();
    expect(await accounts.verify('BOB', 'sécret')).toBeUndefined();
    expect(await accounts.verify('alice', 'sécret')).toBeUndefined();
  });

  it('lets the superuser in, who is no subject', async () => {
    await accounts.setPassword('root', 'top');
    expect(await accounts.verify('root', 'top')).toEqual({ name: 'root', superuser: true, roles: [] });
    expect(await accounts.list()).toEqual([]);
  });

  it('changes passwords and roles, and removes', async () => {
    await accounts.add('bob', 'read-only', 'one');
    await accounts.setPassword('bob', 'two');
    await accounts.setRoles('bob', ['vm-admin', 'pool-admin']);
    expect(await accounts.verify('bob', 'one')).toBeUndefined();
    expect((await accounts.verify('bob', 'two'))?.roles).toEqual(['pool-admin', 'vm-admin']);
    await accounts.remove('bob');
    expect(await accounts.verify('bob', 'two')).toBeUndefined();
  });

  it('gives a name that was removed to somebody else', async () => {
    const first = await accounts.add('bob', 'read-only', undefined);
    await accounts.remove('bob');
    const second = await accounts.add('bob', 'read-only', undefined);
    expect(second.subject?.identifier).not.toBe(first.subject?.identifier);
  });

  it('keeps no password, and lets only the owner read the file', async () => {
    await accounts.add('bob', 'read-only', 'find-me-if-you-can');
    expect(await readFile(accountsPath(directory), 'utf8')).not.toContain('find-me');
    expect((await stat(accountsPath(directory))).mode & 0o777).toBe(0o600);
    expect((await readdir(directory)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it.each([
    ['a name that is taken', () => accounts.add('bob', 'read-only', undefined), 'there is a user bob already'],
    ['the superuser as an account', () => accounts.add('root', 'read-only', undefined), 'superuser'],
    ['a name with a line break', () => accounts.add('a\nb', 'read-only', undefined), 'not a user name'],
    ['an empty password', () => accounts.setPassword('bob', ''), 'empty'],
    ['a password that is too long', () => accounts.setPassword('bob', 'x'.repeat(1025)), 'longer'],
    ['the password of nobody', () => accounts.setPassword('alice', 'x'), 'no user alice'],
    ['removing nobody', () => accounts.remove('alice'), 'no user alice'],
  ])('refuses %s and changes nothing', async (_title, act, message) => {
    await accounts.add('bob', 'read-only', undefined);
    const before = await readFile(accountsPath(directory), 'utf8');
    await expect(act()).rejects.toThrow(message);
    expect(await readFile(accountsPath(directory), 'utf8')).toBe(before);
  });

  it('sees what another process changed, at once', async () => {
    const other = await open();
    const bob = await other.add('bob', 'read-only', 'secret');
    expect(await accounts.verify('bob', 'secret')).toEqual(bob);
    await other.setPassword('bob', 'changed');
    expect(await accounts.verify('bob', 'secret'), 'a login that was remembered').toBeUndefined();
    await other.remove('bob');
    expect(await accounts.list()).toEqual([]);
  });

  it('calls back after changes of its own and of others', async () => {
    const seen: (readonly Account[])[] = [];
    const told = new Promise<void>((resolve) => {
      accounts.onChange((list) => {
        seen.push(list);
        resolve();
      });
    });
    const other = await open();
    await other.add('bob', 'read-only', undefined);
    await told;
    expect(seen.at(-1)?.map(({ name }) => name)).toEqual(['bob']);
    await accounts.add('alice', 'read-only', undefined);
    expect(seen.at(-1)?.map(({ name }) => name)).toEqual(['alice', 'bob']);
  });

  it('loses nothing when several write at once', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, () => open()));
    await Promise.all(
      others.flatMap((other, n) => [other.add(`a${n}`, 'read-only', undefined), other.add(`b${n}`, 'read-only', undefined)]),
    );
    expect(await accounts.list()).toHaveLength(8);
  });

  it('raises the cost of an old hash at the next login', async () => {
    await accounts.add('bob', 'read-only', undefined);
    await replaceInFile('"hash": null', `"hash": "${WEAK_HASH}"`);
    expect(await accounts.verify('bob', 'wrong')).toBeUndefined();
    expect(await readFile(accountsPath(directory), 'utf8')).toContain('ln=4,');
    expect(await accounts.verify('bob', 'secret')).toBeDefined();
    expect(await readFile(accountsPath(directory), 'utf8')).toContain('ln=5,');
    expect(await (await open()).verify('bob', 'secret')).toBeDefined();
  });

  it('refuses a damaged file, says where, and shows no hash', async () => {
    await accounts.setPassword('root', 'top');
    await accounts.add('bob', 'read-only', undefined);
    await replaceInFile('"read-only"', '"client-cert"');
    await expect(accounts.verify('root', 'top')).rejects.toThrow(/accounts\.json cannot be used: accounts\.0\.roles\.0/);
    await replaceInFile('$scrypt$ln=5', '$scrypt$ln=99');
    await expect(open()).rejects.not.toThrow('ln=99');
    await writeFile(accountsPath(directory), '{');
    await expect(open()).rejects.toThrow('not JSON');
  });
});

async function replaceInFile(old: string, replacement: string): Promise<void> {
  const text = await readFile(accountsPath(directory), 'utf8');
  expect(text).toContain(old);
  await writeFile(
    accountsPath(directory),
    text.replace(old, () => replacement),
  );
}
