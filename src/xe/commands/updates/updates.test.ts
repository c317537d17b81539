import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../../api/testing/fixture.js';
import { ApiError } from '../../../model/error.js';
import { asRef } from '../../../model/ref.js';
import { CommandFailure } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { commandOf, runForClient } from '../../testing/run-for-client.js';
import { scriptedApi } from '../../testing/scripted-api.js';
import { updateFamily } from './index.js';

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await apiFixture();
});

describe('update-upload', () => {
  it('destroys the disk of what turns out to be no update', async () => {
    const { db, tasks } = fixture.api;
    const sr = db.create('SR', { type: 'ext' });
    db.set('pool', fixture.api.pool, { default_SR: sr });
    const vdi = db.create('VDI', { SR: sr, managed: true });
    const sent: string[] = [];
    const queries: (string | null)[] = [];
    const { failure, out } = await runForClient(
      fixtureApi(fixture.api, sent),
      commandOf(updateFamily, 'update-upload'),
      {
        request: (url) => {
          queries.push(url.pathname, url.searchParams.get('sr_id'));
          const task = asRef<'task'>(url.searchParams.get('task_id') ?? '');
          return tasks.succeed(task, `<value>${vdi}</value>`);
        },
      },
      'file-name=f',
    );
    expect(queries).toEqual(['/import_raw_vdi', sr]);
    expect(failure).toBeInstanceOf(ApiError);
    expect(out).toBe('');
    const own = ['pool_update.introduce', 'VDI.destroy'];
    expect(sent.filter((name) => own.includes(name))).toEqual(own);
  });

  it('needs an SR', async () => {
    const api = fixtureApi(fixture.api);
    const { failure } = await runForClient(api, commandOf(updateFamily, 'update-upload'), {}, 'file-name=f');
    expect(failure).toBeInstanceOf(CommandFailure);
  });
});

describe('patch-upload', () => {
  it('gives the disk the name of the update, and prints the uuid of the hotfix whatever the mode', async () => {
    const { db } = fixture.api;
    const update = db.create('pool_update', { name_label: 'XS82E001', vdi: db.create('VDI', {}) });
    const { vdi } = db.get('pool_update', update);
    const task = db.create('task', { status: 'success', result: 'OpaqueRef:p' });
    const { api, sent } = scriptedApi({
      'pool.get_all_records_where': new Map([[fixture.api.pool, db.record('pool', fixture.api.pool)]]),
      'pool.get_default_SR': 'OpaqueRef:sr',
      'task.create': task,
      'task.set_progress': '',
      'task.destroy': '',
      'task.get_record': () => db.record('task', task),
      'event.from': () => ({ token: '' }),
      'pool_patch.get_pool_update': update,
      'pool_update.get_record': () => db.record('pool_update', update),
      'VDI.set_name_label': '',
    });
    const command = commandOf(updateFamily, 'patch-upload');
    const { failure, out } = await runForClient(api, command, { request: () => undefined }, 'file-name=f', '--minimal');
    expect(failure).toBeUndefined();
    expect(out).toBe('p\n\n');
    expect(sent).toContainEqual(['VDI.set_name_label', vdi, 'XS82E001']);
  });
});

describe('updates of selected hosts', () => {
  const run = (name: string, answer: unknown, ...words: string[]) => {
    const host = fixture.api.db.record('host', fixture.host);
    const { api } = scriptedApi({
      'host.get_all_records_where': new Map([[fixture.host, host]]),
      'pool_update.precheck': () => answer,
      'host.apply_updates': () => answer,
    });
    return runForClient(api, commandOf(updateFamily, name), {}, ...words);
  };

  it('are checked with a sentence for each outcome', async () => {
    expect((await run('update-precheck', 'ok', 'uuid=u', 'host=one')).out).toBe('Ok.\n');
    const texts = await Promise.all(
      ['ok', 'ok_livepatch_complete', 'ok_livepatch_incomplete'].map((status) => run('update-precheck', status, 'uuid=u')),
    );
    expect(new Set(texts.map(({ out }) => out)).size).toBe(3);
  });

  it('warn in a line for each warning, which is for people', async () => {
    const warnings = [['A', 'b'], ['C']];
    expect((await run('host-apply-updates', warnings, 'hash=h')).out).toBe('A; b\nC\n');
    expect((await run('host-apply-updates', warnings, 'hash=h', '--minimal')).out).toBe('\n');
  });
});
