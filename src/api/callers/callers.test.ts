import { describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import type { RpcRequest } from '../rpc.js';
import { apiFixture } from '../testing/fixture.js';
import { admit } from './callers.js';
import { TokenBucket } from './token-bucket.js';

const SECOND = 1000;

describe('TokenBucket', () => {
  it('gives what it holds at once and lets the rest wait in order', () => {
    const bucket = new TokenBucket(2, 10, 0);
    expect([bucket.take(1, 0), bucket.take(1, 0), bucket.take(1, 0), bucket.take(1, 0)]).toEqual([0, 0, 100, 200]);
    expect(bucket.take(1, SECOND)).toBe(0);
  });

  it('never holds more than its size', () => {
    const bucket = new TokenBucket(1, 10, 0);
    expect(bucket.take(1, 60 * SECOND)).toBe(0);
    expect(bucket.take(1, 60 * SECOND)).toBe(100);
  });

  it('turns away who comes when too many wait', () => {
    const bucket = new TokenBucket(1, 1, 0);
    const answers = Array.from({ length: 1100 }, () => bucket.take(1, 0));
    expect(answers.filter((wait) => wait === undefined).length).toBeGreaterThan(90);
    expect(Math.max(...answers.map((wait) => wait ?? 0))).toBeLessThan(1002 * SECOND);
  });
});

async function withCaller(pattern: { user_agent: string; client_ip: string }) {
  const fixture = await apiFixture();
  const caller = await fixture.call<Ref<'Caller'>>('Caller.create', { name_label: 'c', name_description: '', ...pattern });
  return { ...fixture, caller };
}

const origin = (userAgent: string, address = '192.0.2.1') => ({ local: false, address, userAgent });

describe('callers', () => {
  it('are known by agent and address, and counted', async () => {
    const { api, call, caller } = await withCaller({ user_agent: 'xo*', client_ip: '192.0.2.1' });
    for (const [agent, address] of [
      ['xo-server', '192.0.2.1'],
      ['xo-server', '192.0.2.2'],
      ['curl', '192.0.2.1'],
    ] as const)
      expect(admit(api.db, origin(agent, address))).toBeUndefined();
    expect(await call('Caller.query_call_count', caller)).toBe(1);
    await call('Caller.add_group', caller, 'backup');
    expect(await call('Caller.query_group_token_usage', 'backup')).toBe(1);
    expect(await call('Caller.query_all_usage')).toEqual([[api.db.get('Caller', caller).uuid, 'c', '1.000', '1']]);
  });

  it('wait for their limit', async () => {
    const { api, call, caller } = await withCaller({ user_agent: 'slow', client_ip: '' });
    const limit = await call<Ref<'Rate_limit'>>('Rate_limit.create', {
      name_label: 'l',
      name_description: '',
      burst_size: 1,
      fill_rate: 20,
    });
    await call('Rate_limit.add_caller', limit, caller);
    expect(admit(api.db, origin('slow'))).toBeUndefined();
    const started = performance.now();
    await admit(api.db, origin('slow'));
    expect(performance.now() - started).toBeGreaterThan(30);
    expect(admit(api.db, origin('fast'))).toBeUndefined();
    await call('Rate_limit.destroy', limit);
    expect(admit(api.db, origin('slow'))).toBeUndefined();
  });

  it('cannot be everybody, and are the same under the same pattern', async () => {
    const { call, caller } = await withCaller({ user_agent: 'a', client_ip: '' });
    const create = (user_agent: string, client_ip: string) =>
      call('Caller.create', { name_label: 'again', name_description: '', user_agent, client_ip });
    await expect(create('', '*')).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    expect(await create('a', '')).toBe(caller);
    expect(await call('Caller.get_name_label', caller)).toBe('again');
  });

  it('are held back by the dispatcher', async () => {
    const { api, call, caller, session } = await withCaller({ user_agent: 'held', client_ip: '' });
    const limit = await call<Ref<'Rate_limit'>>('Rate_limit.create', {
      name_label: 'l',
      name_description: '',
      burst_size: 1,
      fill_rate: 20,
    });
    await call('Rate_limit.add_caller', limit, caller);
    const { Dispatcher } = await import('../dispatcher.js');
    const dispatcher = new Dispatcher(api);
    const request: RpcRequest = {
      method: 'pool.get_all',
      params: [session.ref],
      decode: (_type, raw) => raw,
      textOf: (raw) => (typeof raw === 'string' ? raw : undefined),
      origin: origin('held'),
    };
    expect(dispatcher.call(request)).not.toBeInstanceOf(Promise);
    const second = dispatcher.call(request);
    expect(second).toBeInstanceOf(Promise);
    expect(await second).toMatchObject({ ok: true });
  });
});
