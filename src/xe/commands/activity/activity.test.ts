import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../../api/testing/fixture.js';
import { asRef } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import { CommandFailure } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { type ClientPart, commandOf, runForClient } from '../../testing/run-for-client.js';
import { activityFamily } from './index.js';

let fixture: ApiFixture;
let api: ApiClient;
beforeEach(async () => {
  fixture = await apiFixture();
  api = fixtureApi(fixture.api);
});

const runFor = (part: ClientPart, name: string, ...words: string[]) =>
  runForClient(api, commandOf(activityFamily, name), part, ...words);
const run = (name: string, ...words: string[]) => runFor({}, name, ...words);

describe('messages', () => {
  const about = ['name=n', 'priority=3', 'body=b'];
  const host = () => `host-uuid=${api.uuid('host', fixture.host)}`;
  const names = () => [...fixture.api.db.all('message')].map(([, { name }]) => name);
  const uuids = () => [...fixture.api.db.all('message')].map(([, { uuid }]) => uuid);

  it('are about the first object that counts, and about something', async () => {
    const { out, failure } = await run('message-create', ...about, host(), `pool-uuid=${api.uuid('pool', fixture.api.pool)}`);
    expect({ out, failure }).toEqual({ out: '', failure: undefined });
    expect([...fixture.api.db.all('message')].map(([, { cls, priority, body }]) => ({ cls, priority, body }))).toEqual([
      { cls: 'Pool', priority: 3, body: 'b' },
    ]);
    expect((await run('message-create', ...about)).failure).toBeInstanceOf(CommandFailure);
    expect((await run('message-create', 'name=n', 'priority=x', 'body=b', host())).failure).toBeInstanceOf(CommandFailure);
  });

  it('go one by one or several at once', async () => {
    for (let i = 0; i < 3; i++) await run('message-create', ...about, host());
    expect((await run('message-destroy')).failure).toBeInstanceOf(CommandFailure);
    expect((await run('message-destroy', 'uuid=a', 'uuids=b')).failure).toBeInstanceOf(CommandFailure);
    const [first, ...rest] = uuids();
    await run('message-destroy', `uuid=${first}`);
    expect(uuids()).toEqual(rest);
    await run('message-destroy', `uuids=${rest.join(',')}`);
    expect(uuids()).toEqual([]);
  });

  it('go all together, by time and priority', async () => {
    const { alerts, pool } = fixture.api;
    const uuid = api.uuid('pool', pool);
    for (const priority of [1, 2]) alerts.create({ name: `p${priority}`, priority, cls: 'Pool', objUuid: uuid, body: '' });
    await run('message-destroy-all', 'before=2000-01-01T00:00:00Z');
    await run('message-destroy-all', 'after=20990101T00:00:00Z');
    expect(names()).toHaveLength(2);
    await run('message-destroy-all', 'after=20000101T00:00:00Z', 'priority=1');
    expect(names()).toEqual(['p2']);
    for (const wrong of ['before=yesterday', 'priority=-1', 'priority=x'])
      expect((await run('message-destroy-all', wrong)).failure).toBeInstanceOf(CommandFailure);
    await run('message-destroy-all');
    expect(names()).toEqual([]);
  });
});

describe('observers', () => {
  it('have lists and attributes with commas between their items', async () => {
    const { out } = await run(
      'observer-create',
      'name-label=o',
      'attributes=aa:1,bb:x:y',
      'components=xapi,xenopsd',
      'enabled=no',
    );
    const { fields } = api.record('Observer', api.byUuid('Observer', out.trimEnd()));
    expect(fields).toMatchObject({
      attributes: new Map([
        ['aa', '1'],
        ['bb', 'x:y'],
      ]),
      components: ['xapi', 'xenopsd'],
      endpoints: ['bugtool'],
      enabled: false,
      hosts: [],
    });
    expect((await run('observer-create', 'name-label=o', 'attributes=aa')).failure).toBeInstanceOf(CommandFailure);
  });
});

describe('audit-log-get', () => {
  const fetched = async (...words: string[]) => {
    let since: string | null = '';
    const request = (url: URL) => {
      since = url.searchParams.get('since');
      return fixture.api.tasks.succeed(asRef<'task'>(url.searchParams.get('task_id') ?? ''), '');
    };
    const { out, fileNames } = await runFor({ request }, 'audit-log-get', ...words);
    return { out, fileNames, since };
  };

  it('tells of its success unless the log itself is shown', async () => {
    expect(await fetched('filename=f', 'since=2026-01-01T00:00:00Z', '--minimal')).toEqual({
      out: 'Audit log succeeded\n\n',
      fileNames: ['f'],
      since: '2026-01-01T00:00:00Z',
    });
    expect(await fetched('filename=')).toEqual({ out: '', fileNames: [''], since: null });
  });
});
