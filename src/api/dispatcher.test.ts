import { describe, expect, it } from 'vitest';
import { NULL_REF, type Ref } from '../model/ref.js';
import { maskOfRoles } from './roles.js';
import { Sessions } from './sessions.js';
import { type ApiFixture, apiFixture } from './testing/fixture.js';

const DEAD = 'OpaqueRef:00000000-0000-0000-0000-00000000dead';

function readOnly({ api, host }: ApiFixture) {
  return api.sessions.create({ userName: 'bob', superuser: false, userSid: 'u-bob', roles: maskOfRoles(['read-only']), host });
}

describe('a call', () => {
  it('is found under both spellings of its name', async () => {
    const { call } = await apiFixture();
    expect(await call('network.get_by_name_label', 'none')).toEqual([]);
    expect(await call('network_get_by_name_label', 'none')).toEqual([]);
    await expect(call('network.frobnicate')).rejects.toMatchObject({
      code: 'MESSAGE_METHOD_UNKNOWN',
      params: ['network.frobnicate'],
    });
  });

  it('has its parameters counted without the session, before anything else', async () => {
    const { call } = await apiFixture();
    await expect(call('network.get_uuid')).rejects.toMatchObject({
      code: 'MESSAGE_PARAMETER_COUNT_MISMATCH',
      params: ['network.get_uuid', '1', '0'],
    });
    await expect(call('network.get_all', 'more')).rejects.toMatchObject({ params: ['network.get_all', '0', '1'] });
  });

  it('needs a session that lives, then a message that still exists, then a role', async () => {
    const f = await apiFixture();
    const bob = readOnly(f);
    await expect(f.callAs(bob, 'VMPP.get_by_name_label', 'x')).rejects.toMatchObject({ code: 'MESSAGE_REMOVED' });
    await expect(f.callAs(bob, 'secret.create', {})).rejects.toMatchObject({
      code: 'RBAC_PERMISSION_DENIED',
      params: ['secret.create', expect.any(String)],
    });
    expect(await f.callAs(bob, 'network.get_all')).toEqual([]);
    await f.callAs(bob, 'session.logout');
    await expect(f.callAs(bob, 'network.get_all')).rejects.toMatchObject({ code: 'SESSION_INVALID', params: [bob.ref] });
  });

  it('of a removed class lists nothing where older clients ask for it when they connect', async () => {
    const { call } = await apiFixture();
    expect(await call('VBD_metrics.get_all_records')).toEqual(new Map());
    expect(await call('VIF_metrics.get_all_records')).toEqual(new Map());
    await expect(call('VBD_metrics.get_all')).rejects.toMatchObject({ code: 'MESSAGE_REMOVED' });
  });

  it('that takes an answer for a VM is refused so that the client goes on', async () => {
    const { call } = await apiFixture();
    const answer = new Map([
      ['Status', 'Success'],
      ['Value', ''],
    ]);
    await expect(call('VM.set_memory_limits', answer, '1', '2', '2', '2')).rejects.toMatchObject({
      code: 'MESSAGE_METHOD_UNKNOWN',
      params: ['VM.set_memory_limits'],
    });
    await expect(call('VM.set_memory_limits', DEAD, 1, 2, 2, 2)).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
  });

  it('that only hosts of the pool may make is refused to others', async () => {
    const { call, host } = await apiFixture();
    await expect(call('host.notify', 'a', 'b')).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(await call('host.get_hostname', host)).toBe('one');
  });

  it('without an asynchronous form cannot be made so', async () => {
    const { call } = await apiFixture();
    await expect(call('Async.network.get_all')).rejects.toMatchObject({ code: 'Fault' });
  });
});

describe('an asynchronous call', () => {
  it('is a task that ends with the result as XML-RPC text', async () => {
    const { callAsync, call, api } = await apiFixture();
    const task = await callAsync('secret.create', { value: 'v', other_config: new Map() });
    const { result, status, progress, name_label } = api.db.get('task', task);
    expect({ status, progress, name_label }).toEqual({ status: 'success', progress: 1, name_label: 'Async.secret.create' });
    expect(result).toMatch(/^<value>OpaqueRef:[0-9a-f-]{36}<\/value>$/);
    await call('task.destroy', task);
    expect(api.db.exists('task', task)).toBe(false);
  });

  it('fails its task, and is checked for roles there', async () => {
    const f = await apiFixture();
    const task = await f.callAsync('secret.destroy', DEAD);
    expect(f.api.db.get('task', task)).toMatchObject({
      status: 'failure',
      error_info: ['HANDLE_INVALID', 'secret', DEAD],
      result: '',
    });
    const denied = await f.callAs<string>(readOnly(f), 'Async.secret.destroy', DEAD);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(f.api.db.get('task', denied).error_info[0]).toBe('RBAC_PERMISSION_DENIED');
  });

  it('leaves no task behind when it is made synchronously', async () => {
    const { call, api } = await apiFixture();
    await call('secret.create', { value: 'v', other_config: new Map() });
    await expect(call('secret.destroy', DEAD)).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
    expect(api.db.table('task').rows.size).toBe(0);
  });
});

describe('headers of a call', () => {
  it('name a parent and further settings for its task', async () => {
    const { api, callFrom, session } = await apiFixture();
    const parent = api.tasks.create({ name: 'parent', session, host: api.localHost });
    const origin = { subtaskOf: parent, otherConfig: new Map([['colour', 'blue']]) };
    const task = await callFrom<string>(origin, session, 'Async.secret.destroy', DEAD);
    expect(api.db.get('task', task)).toMatchObject({ subtask_of: parent, other_config: new Map([['http:colour', 'blue']]) });
  });

  it('have it drive an existing task of the same user, and of nobody else', async () => {
    const f = await apiFixture();
    const bob = readOnly(f);
    const task = await f.call<Ref<'task'>>('task.create', 'of root', '');
    const taken = f.callFrom({ taskId: task }, bob, 'Async.secret.destroy', DEAD);
    await expect(taken).rejects.toMatchObject({ code: 'RBAC_PERMISSION_DENIED' });
    expect(f.api.db.get('task', task).status).toBe('pending');
    await f.callFrom({ taskId: task }, f.session, 'secret.create', { value: 'v', other_config: new Map() });
    expect(f.api.db.get('task', task).status).toBe('success');
  });

  it('leave a task alone that a call works on', async () => {
    const f = await apiFixture();
    const task = f.api.tasks.create({ name: 'busy', session: f.session, host: f.host });
    f.api.tasks.begin(task);
    await f.callFrom({ taskId: task }, f.session, 'secret.create', { value: 'v', other_config: new Map() });
    expect(f.api.db.get('task', task).status).toBe('pending');
  });
});

describe('maps and sets', () => {
  it('refuse a key that is there, take away one that is not, and refuse the empty key', async () => {
    const { call, api } = await apiFixture();
    const secret = await call<string>('secret.create', { value: 'v', other_config: new Map() });
    await call('secret.add_to_other_config', secret, 'k', '1');
    await expect(call('secret.add_to_other_config', secret, 'k', '2')).rejects.toMatchObject({
      code: 'MAP_DUPLICATE_KEY',
      params: ['secret', 'other_config', secret, 'k'],
    });
    await expect(call('secret.add_to_other_config', secret, '', '2')).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    await expect(call('secret.set_other_config', secret, new Map([['', '']]))).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    await call('secret.remove_from_other_config', secret, 'absent');
    expect([...api.db.get('secret', secret).other_config]).toEqual([['k', '1']]);
    await call('secret.remove_from_other_config', secret, 'k');
    expect(api.db.get('secret', secret).other_config.size).toBe(0);
  });
});

describe('introspection', () => {
  it('lists each message once, without asynchronous and underscore names', async () => {
    const { call } = await apiFixture();
    const names = await call<string[]>('system.listMethods');
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('VM.get_all_records_where');
    expect(names.filter((name) => !/^\w+\.\w+$/.test(name))).toEqual([]);
  });
});

describe('a session', () => {
  it('that nobody uses ends, unless a task of it is pending', async () => {
    const { api, call, host } = await apiFixture();
    const idle = api.sessions.create({ userName: 'a', superuser: true, host });
    const busy = api.sessions.create({ userName: 'b', superuser: true, host });
    api.tasks.create({ name: 't', session: busy, host });
    api.sessions.collect(Date.now() + 25 * 3_600_000);
    expect(() => api.sessions.find(idle.ref)).toThrow('SESSION_INVALID');
    expect(api.sessions.find(busy.ref)).toBe(busy);
    await expect(call('session.get_uuid', NULL_REF)).rejects.toMatchObject({ code: 'SESSION_INVALID' });
  });

  it('gives way when there are too many in all, whoever they are of', async () => {
    const { api, host } = await apiFixture();
    const limited = new Sessions(api.db, { total: 3 });
    const open = (originator: string) => limited.create({ userName: 'root', superuser: true, originator, host });
    const first = open('a');
    for (const originator of ['b', 'c', 'd']) open(originator);
    expect(() => limited.find(first.ref)).toThrow('SESSION_INVALID');
    expect([...limited.list()]).toHaveLength(3);
  });

  it('gives way to a newer one where its originator has too many', async () => {
    const { api, host } = await apiFixture();
    const open = () => api.sessions.create({ userName: 'root', superuser: true, originator: 'tool', host });
    const first = open();
    for (let i = 0; i < 500; i++) open();
    expect(() => api.sessions.find(first.ref)).toThrow('SESSION_INVALID');
    expect([...api.sessions.list()].filter((s) => s.originator === 'tool')).toHaveLength(500);
  });
});
