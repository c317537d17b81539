import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { RecordVersion } from '../../model/record.js';
import { newRef } from '../../model/ref.js';
import type { EventBatch } from '../../model/types.js';
import { type ApiFixture, apiFixture } from '../testing/fixture.js';
import { formatToken, parseToken } from './token.js';

const shown = (events: readonly RecordVersion<'event'>[]) =>
  events.map(({ fields }) => `${fields.operation} ${fields.class} ${(fields as { ref: string }).ref}`);

async function from({ call }: ApiFixture, classes: string[], token: string, seconds = 0): Promise<EventBatch> {
  return call<EventBatch>('event.from', classes, token, seconds);
}

describe('a token', () => {
  it('compares as text and is read back', () => {
    expect(formatToken({ objects: 12, messages: 3 })).toBe('00000000000000000012,00000000000000000003');
    expect(formatToken({ objects: 9, messages: 0 }) < formatToken({ objects: 10, messages: 0 })).toBe(true);
    expect(parseToken('-1,-1')).toEqual({ objects: -1, messages: -1 });
    for (const bad of ['x', '1', '1,2,3', ',', 'a,b']) expect(() => parseToken(bad)).toThrow('EVENT_FROM_TOKEN_PARSE_FAILURE');
  });
});

describe('event.from', () => {
  it('tells everything once, then only what changed, one event an object', async () => {
    const f = await apiFixture();
    const { db } = f.api;
    const [a, b, c] = [db.create('network', {}), db.create('network', {}), db.create('network', {})];
    const all = await from(f, ['network'], '');
    expect(shown(all.events).sort()).toEqual([`add network ${a}`, `add network ${b}`, `add network ${c}`].sort());
    db.set('network', a, { name_label: 'x' });
    db.set('network', a, { name_label: 'y' });
    db.destroy('network', b);
    const d = db.create('network', {});
    db.destroy('network', db.create('network', {}));
    const later = await from(f, ['network'], all.token);
    expect(shown(later.events)).toEqual([`add network ${d}`, `mod network ${a}`, `del network ${b}`]);
    expect(later.valid_ref_counts.get('network')).toBe(3);
    expect((await from(f, ['network'], later.token)).events).toEqual([]);
  });

  it('wakes for its own classes and objects only', async () => {
    const f = await apiFixture();
    const { db } = f.api;
    const [a, b] = [db.create('network', {}), db.create('network', {})];
    const { token } = await from(f, ['*'], '');
    const waiting = from(f, [`Network/${a}`], token, 5);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(f.api.waiters.count).toBe(1);
    db.set('network', b, { name_label: 'not this one' });
    db.create('secret', {});
    expect(f.api.waiters.count).toBe(1);
    db.set('network', a, { name_label: 'this one' });
    expect(shown((await waiting).events)).toEqual([`mod network ${a}`]);
    expect(f.api.waiters.count).toBe(0);
  });

  it('gives the token back that it got when there is nothing', async () => {
    const f = await apiFixture();
    const batch = await from(f, ['VMSS'], '-1,-1');
    expect([batch.events, batch.token]).toEqual([[], '-0000000000000000001,00000000000000000000']);
  });

  it('tells of messages by a count of their own', async () => {
    const f = await apiFixture();
    const { token } = await from(f, ['*'], '');
    const { uuid } = f.api.db.get('pool', f.api.pool);
    const message = await f.call<string>('message.create', 'HELLO', 3, 'Pool', uuid, '');
    const batch = await from(f, ['message'], token);
    expect(shown(batch.events)).toEqual([`add message ${message}`]);
    expect(batch.token.split(',')[0]).toBe(token.split(',')[0]);
  });

  it('ends with the session', async () => {
    const f = await apiFixture();
    const other = f.api.sessions.create({ userName: 'root', superuser: true, host: f.host });
    const { token } = await from(f, ['*'], '');
    const waiting = f.callAs(other, 'event.from', ['VMSS'], token, 20);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await f.callAs(other, 'session.logout');
    await expect(waiting).rejects.toMatchObject({ code: 'SESSION_INVALID', params: [other.ref] });
  });

  it('may wait many times with one session, without a warning', async () => {
    const f = await apiFixture();
    const warnings: Error[] = [];
    const hear = (warning: Error) => warnings.push(warning);
    process.on('warning', hear);
    const { token } = await from(f, ['*'], '');
    await Promise.all(Array.from({ length: 20 }, () => from(f, ['VMSS'], token, 0.01)));
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });

  it('is set off by event.inject, whose token is older than the event', async () => {
    const f = await apiFixture();
    const token = await f.call<string>('event.inject', 'pool', f.api.pool);
    expect(shown((await from(f, ['pool'], token)).events)).toEqual([`mod pool ${f.api.pool}`]);
    await expect(f.call('event.inject', 'VM', f.api.pool)).rejects.toMatchObject({
      code: 'HANDLE_INVALID',
      params: ['VM', f.api.pool],
    });
  });
});

describe('event.next', () => {
  it('needs a registration, and gives each change', async () => {
    const f = await apiFixture();
    await expect(f.call('event.next')).rejects.toMatchObject({ code: 'SESSION_NOT_REGISTERED' });
    await f.call('event.register', ['network']);
    const network = f.api.db.create('network', {});
    f.api.db.create('secret', {});
    f.api.db.set('network', network, { name_label: 'x' });
    expect(shown(await f.call('event.next'))).toEqual([`add network ${network}`, `mod network ${network}`]);
    const waiting = f.call<RecordVersion<'event'>[]>('event.next');
    f.api.db.destroy('network', network);
    const gone = await waiting;
    expect(shown(gone)).toEqual([`del network ${network}`]);
    expect(gone[0]?.fields).toMatchObject({ snapshot: { fields: { name_label: 'x' } } });
  });

  it('tells of tasks after the objects that they made', async () => {
    const f = await apiFixture();
    await f.call('event.register', ['network', 'task']);
    const task = f.api.db.create('task', {});
    const network = f.api.db.create('network', {});
    f.api.db.set('task', task, { progress: 1 });
    expect(shown(await f.call('event.next'))).toEqual([`add network ${network}`, `add task ${task}`, `mod task ${task}`]);
  });

  it('ends with the session', async () => {
    const f = await apiFixture();
    const other = f.api.sessions.create({ userName: 'root', superuser: true, host: f.host });
    await f.callAs(other, 'event.register', ['network']);
    const waiting = f.callAs(other, 'event.next');
    await new Promise((resolve) => setTimeout(resolve, 10));
    await f.callAs(other, 'session.logout');
    await expect(waiting).rejects.toMatchObject({ code: 'SESSION_INVALID', params: [other.ref] });
  });

  it('leaves nothing behind at the end of the session', async () => {
    const f = await apiFixture();
    const ended = new AbortController();
    const network = f.api.db.create('network', {});
    const session = { ref: newRef<'session'>(), ended: new AbortController().signal };
    f.api.legacyEvents.register(session, ['network']);
    for (let i = 0; i < 3; i++) {
      const waiting = f.api.legacyEvents.next(session.ref, [ended.signal]);
      f.api.db.set('network', network, { name_label: String(i) });
      await waiting;
    }
    expect(getEventListeners(ended.signal, 'abort')).toEqual([]);
  });

  it('keeps no queue of a session that ended by itself', async () => {
    const f = await apiFixture();
    const session = f.api.sessions.create({ userName: 'root', superuser: true, host: f.host });
    await f.callAs(session, 'event.register', ['network']);
    f.api.sessions.end(session.ref);
    await expect(f.api.legacyEvents.next(session.ref, [])).rejects.toMatchObject({ code: 'SESSION_NOT_REGISTERED' });
  });

  it('keeps what a session was registered for when it asks for more in a form that cannot be read', async () => {
    const f = await apiFixture();
    await f.call('event.register', ['network']);
    await expect(f.call('event.register', ['a/b/c'])).rejects.toMatchObject({ code: 'EVENT_SUBSCRIPTION_PARSE_FAILURE' });
    f.api.db.create('network', {});
    expect(await f.call('event.next')).toHaveLength(1);
    await f.call('event.register', ['VM']);
  });

  it('and event.from answer at once when the server ends', async () => {
    const f = await apiFixture();
    await f.call('event.register', ['network']);
    const waiting = [f.call('event.next'), f.call('event.from', ['network'], '', 60)] as const;
    await new Promise((resolve) => setImmediate(resolve));
    f.api.waiters.close();
    f.api.legacyEvents.close();
    expect(await waiting[0]).toEqual([]);
    expect(await waiting[1]).toMatchObject({ events: [] });
    expect(await f.call('event.next')).toEqual([]);
    expect(await f.call('event.from', ['network'], '', 60)).toMatchObject({ events: [] });
  });

  it('says when events were lost', async () => {
    const f = await apiFixture();
    await f.call('event.register', ['network']);
    const network = f.api.db.create('network', {});
    for (let i = 0; i < 10_001; i++) f.api.db.set('network', network, { name_label: String(i) });
    await expect(f.call('event.next')).rejects.toMatchObject({ code: 'EVENTS_LOST' });
    await expect(f.call('event.next')).rejects.toMatchObject({ code: 'SESSION_NOT_REGISTERED' });
  });

  it('hears a heartbeat of the pool', async () => {
    const f = await apiFixture();
    await f.call('event.register', ['pool']);
    f.api.legacyEvents.heartbeat();
    expect(shown(await f.call('event.next'))).toEqual([`mod pool ${f.api.pool}`]);
  });
});
