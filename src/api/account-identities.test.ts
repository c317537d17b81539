import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../accounts/accounts.js';
import type { Ref } from '../model/ref.js';
import { AccountIdentities } from './account-identities.js';
import type { Identities } from './identities.js';
import { maskOfRoles } from './roles.js';
import { type ApiFixture, apiFixture } from './testing/fixture.js';

let dir: string;
let accounts: Accounts;
let f: ApiFixture;
let identities: AccountIdentities;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'accounts-'));
  accounts = await Accounts.open(dir, { cost: { ln: 4, r: 1, p: 1 } });
  f = await apiFixture();
  identities = new AccountIdentities(f.api.db, accounts, accounts);
  const { verify, rolesChanged, subjectRemoved } = identities;
  const own: Partial<Identities> = {
    verify: verify.bind(identities),
    rolesChanged: rolesChanged.bind(identities),
    subjectRemoved: subjectRemoved.bind(identities),
  };
  Object.assign(f.api.identities, own);
  for (const name of ['pool-admin', 'vm-operator', 'read-only'])
    f.api.db.create('role', { name_label: name, is_internal: false, subroles: [f.api.db.create('role', { is_internal: true })] });
  accounts.onChange((list) => identities.synchronise(list, f.api.sessions));
});
afterEach(async () => {
  accounts.close();
  await rm(dir, { recursive: true });
});

async function bob(): Promise<{ subject: Ref<'subject'>; login: () => ReturnType<ApiFixture['api']['sessions']['create']> }> {
  await accounts.add('bob', 'read-only', 'secret');
  const identity = await identities.verify('bob', 'secret', 'test');
  return { subject: identity.subject, login: () => f.api.sessions.create({ ...identity, host: f.host }) };
}

const roleRef = (name: string) => f.api.db.filter('role', (role) => role.name_label === name).map(([ref]) => ref)[0];

describe('the account of root', () => {
  it('is no subject', async () => {
    await accounts.setPassword('root', 'secret');
    expect(await identities.verify('root', 'secret', 'test')).toMatchObject({ subject: 'OpaqueRef:NULL', userSid: '' });
  });
});

describe('an account', () => {
  it('is a subject with its roles', async () => {
    const { subject } = await bob();
    expect(f.api.db.get('subject', subject)).toMatchObject({ roles: [roleRef('read-only')] });
  });

  it('that is removed takes its sessions along', async () => {
    const { subject, login } = await bob();
    const session = login();
    await accounts.remove('bob');
    expect(f.api.db.exists('subject', subject)).toBe(false);
    expect(() => f.api.sessions.find(session.ref)).toThrow('SESSION_INVALID');
  });

  it('that gets another role gives it to its sessions', async () => {
    const { subject, login } = await bob();
    const session = login();
    await accounts.setRoles('bob', ['vm-operator']);
    expect(f.api.db.get('subject', subject).roles).toEqual([roleRef('vm-operator')]);
    expect(f.api.sessions.find(session.ref).roles).toBe(maskOfRoles(['vm-operator']));
  });
});

describe('a subject that stands for an account', () => {
  it('keeps roles that a client gave it', async () => {
    const { subject } = await bob();
    await f.call('subject.add_to_roles', subject, roleRef('vm-operator'));
    await f.call('subject.remove_from_roles', subject, roleRef('read-only'));
    expect((await accounts.list())[0]?.roles).toEqual(['vm-operator']);
    identities.synchronise(await accounts.list());
    expect(f.api.db.get('subject', subject).roles).toEqual([roleRef('vm-operator')]);
  });

  it('cannot log in any more when a client has removed it, not even after the next start', async () => {
    const { subject, login } = await bob();
    const session = login();
    await f.call('subject.destroy', subject);
    identities.synchronise(await accounts.list());
    expect(f.api.db.exists('subject', subject)).toBe(false);
    expect(() => f.api.sessions.find(session.ref)).toThrow('SESSION_INVALID');
    expect(await accounts.list()).toEqual([]);
  });

  it('is not what a subject of the same name is that a client made by itself', async () => {
    await bob();
    const other = await f.call<Ref<'subject'>>('subject.create', {
      subject_identifier: 'S-1',
      other_config: new Map([['subject-name', 'bob']]),
    });
    await f.call('subject.destroy', other);
    expect(await accounts.list()).toHaveLength(1);
  });
});
