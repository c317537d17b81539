import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../../api/testing/fixture.js';
import { ApiError } from '../../../model/error.js';
import type { ApiClient } from '../../api/api-client.js';
import { CommandFailure } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { commandOf, runForClient } from '../../testing/run-for-client.js';
import { scriptedApi } from '../../testing/scripted-api.js';
import { accountFamily } from './index.js';

let fixture: ApiFixture;
let api: ApiClient;
beforeEach(async () => {
  fixture = await apiFixture();
  api = fixtureApi(fixture.api);
});

const run = (name: string, ...words: string[]) => runForClient(api, commandOf(accountFamily, name), {}, ...words);

describe('roles of subjects', () => {
  it('are named in one way, and change', async () => {
    const { db } = fixture.api;
    const permission = db.create('role', { name_label: 'vm.start' });
    const role = db.create('role', { name_label: 'vm-operator', subroles: [permission] });
    const subject = db.create('subject', { subject_identifier: 's', roles: [] });
    const words = [`uuid=${db.get('subject', subject).uuid}`];
    const byUuid = `role-uuid=${db.get('role', role).uuid}`;
    expect((await run('subject-role-add', ...words)).failure).toBeInstanceOf(CommandFailure);
    expect((await run('subject-role-add', ...words, byUuid, 'role-name=vm-operator')).failure).toBeInstanceOf(CommandFailure);
    expect((await run('subject-role-add', ...words, 'role-name=king')).failure).toBeInstanceOf(CommandFailure);
    expect(await run('subject-role-add', ...words, 'role-name=vm-operator')).toMatchObject({ out: '', failure: undefined });
    expect(db.get('subject', subject).roles).toEqual([role]);
    expect((await run('subject-role-remove', ...words, byUuid)).failure).toBeUndefined();
    expect(db.get('subject', subject).roles).toEqual([]);
  });

  it('are of no use to subjects that are not there', async () => {
    fixture.api.db.create('role', { name_label: 'vm-operator' });
    const { failure } = await run('subject-role-add', 'uuid=zz', 'role-name=vm-operator');
    expect(failure).toEqual(new ApiError('UUID_INVALID', 'subject', 'zz'));
  });
});

it('subject-add finds nobody without a directory', async () => {
  expect((await run('subject-add', 'subject-name=x')).failure).toEqual(new ApiError('AUTH_IS_DISABLED'));
});

describe('sessions of the directory', () => {
  it('are listed under a heading, and ended one user after the other', async () => {
    const answers = { 'session.get_all_subject_identifiers': ['a', 'b'], 'session.logout_subject_identifier': '' };
    const { api, sent } = scriptedApi(answers);
    const list = await runForClient(api, commandOf(accountFamily, 'session-subject-identifier-list'), {});
    expect(list.out).toBe('subject-identifier ( RO)    : a\n\n\nsubject-identifier ( RO)    : b\n\n\n');
    await runForClient(api, commandOf(accountFamily, 'session-subject-identifier-logout-all'), {});
    expect(sent.filter(([, ...args]) => args.length > 0)).toEqual([
      ['session.logout_subject_identifier', 'a'],
      ['session.logout_subject_identifier', 'b'],
    ]);
  });
});

describe('callers and limits', () => {
  it('tell their uuids to people only', async () => {
    const { out } = await run('caller-create', 'user-agent=a', 'name-label=n');
    const [caller] = [...api.records('Caller').values()];
    expect(out).toBe(`${caller?.fields.uuid}\n`);
    expect(caller?.fields).toMatchObject({ user_agent: 'a', name_label: 'n', client_ip: '' });
    expect((await run('caller-create', 'user-agent=b', '--minimal')).out).toBe('\n');
  });

  it('are bound together at once or later', async () => {
    await run('caller-create', 'user-agent=a');
    const [caller] = api.records('Caller').keys();
    if (!caller) throw new Error('no caller');
    const words = ['burst-size=2', 'fill-rate=0.5', `caller-uuids=${api.uuid('Caller', caller)}`];
    const uuid = (await run('rate-limit-create', ...words)).out.trimEnd();
    const limit = api.byUuid('Rate_limit', uuid);
    expect(api.record('Rate_limit', limit).fields).toMatchObject({ burst_size: 2, fill_rate: 0.5, callers: [caller] });
    await run('rate-limit-remove-caller', `uuid=${uuid}`, `caller-uuid=${api.uuid('Caller', caller)}`);
    expect(api.get('Rate_limit', limit, 'callers')).toEqual([]);
    expect((await run('rate-limit-create', 'burst-size=x', 'fill-rate=1')).failure).toBeInstanceOf(CommandFailure);
  });

  it('are asked about one, or as a group', async () => {
    await run('caller-create', 'user-agent=a', 'name-label=n');
    const [{ fields } = { fields: undefined }] = api.records('Caller').values();
    const usage = 'token-usage    : 0.000\n     call-count: 0\n\n\n';
    expect((await run('caller-query-usage', `uuid=${fields?.uuid}`)).out).toBe(usage);
    expect((await run('caller-query-usage', 'group=g')).out).toBe(usage);
    expect((await run('caller-query-usage')).failure).toBeInstanceOf(CommandFailure);
    expect((await run('caller-query-usage', 'uuid=u', 'group=g')).failure).toBeInstanceOf(CommandFailure);
    expect((await run('caller-list-usage', '--minimal')).out).toBe(`${fields?.uuid}\n`);
  });
});
