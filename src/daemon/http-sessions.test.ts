import { describe, expect, it } from 'vitest';
import { maskOfRoles } from '../api/roles.js';
import { apiFixture } from '../api/testing/fixture.js';
import { ApiError } from '../model/error.js';
import { HttpTaskRecords } from './http-sessions.js';

const REFUSAL = new ApiError('SESSION_AUTHENTICATION_FAILED', '', 'not authenticated');

async function setUp() {
  const f = await apiFixture();
  const bob = f.api.sessions.create({
    userName: 'bob',
    superuser: false,
    userSid: 'u-bob',
    roles: maskOfRoles(['read-only']),
    host: f.host,
  });
  const task = f.api.tasks.create({ name: 'of root', session: f.session, host: f.host });
  const status = () => f.api.db.get('task', task).status;
  return { ...f, bob, task, status, tasks: new HttpTaskRecords(f.api) };
}

describe('a task that a request over HTTP names', () => {
  it('is driven by its owner, and stays', async () => {
    const { tasks, session, task, status } = await setUp();
    const driven = await tasks.begin(session, { label: 'upload', taskId: task });
    await driven.succeed();
    expect(status()).toBe('success');
  });

  it('is driven by nobody else', async () => {
    const { tasks, bob, task, status } = await setUp();
    await expect(tasks.begin(bob, { label: 'upload', taskId: task })).rejects.toMatchObject({ code: 'RBAC_PERMISSION_DENIED' });
    expect(status()).toBe('pending');
  });

  it('fails with a request that is refused, unless a call works on it', async () => {
    const { api, tasks, task, status } = await setUp();
    api.tasks.begin(task);
    await tasks.failNamed(task, REFUSAL);
    expect(status()).toBe('pending');
    const own = api.tasks.create({ name: 'made by a client', session: undefined, host: api.localHost });
    await tasks.failNamed(own, REFUSAL);
    expect(api.db.get('task', own).error_info[0]).toBe('SESSION_AUTHENTICATION_FAILED');
  });

  it('must exist', async () => {
    const { tasks, session } = await setUp();
    const begun = tasks.begin(session, { label: 'upload', taskId: 'OpaqueRef:none' });
    await expect(begun).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
    await tasks.failNamed('OpaqueRef:none', REFUSAL);
  });
});
