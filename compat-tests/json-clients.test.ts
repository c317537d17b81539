import { promisify } from 'node:util';
import jayson from 'jayson';
import { expect, it } from 'vitest';
import { PASSWORD } from '../test-support/daemon.js';
import { testPool } from './support/pool.js';

// A JSON-RPC client that knows nothing of XenAPI: what it accepts is the protocol itself.
const pool = testPool();

interface Reply {
  readonly jsonrpc?: string;
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

type Send = (method: string, params: readonly unknown[], id?: unknown) => Promise<Reply>;

function client(version: 1 | 2): Send {
  const http = jayson.Client.http({ port: pool.daemon.port, path: '/jsonrpc', version });
  const request = promisify(
    http.request.bind(http) as (
      method: string,
      params: unknown,
      id: unknown,
      done: (error: unknown, reply: Reply) => void,
    ) => void,
  );
  return (method, params, id = 'an id') => request(method, params, id);
}

async function login(send: Send): Promise<unknown> {
  return (await send('session.login_with_password', ['root', PASSWORD, '1.0', 'jayson'])).result;
}

it('answers JSON-RPC 2.0', async () => {
  const send = client(2);
  const session = await login(send);
  const reply = await send('VM.get_by_name_label', [session, 'vm-1'], 'the id');
  expect(reply).toEqual({ jsonrpc: '2.0', id: 'the id', result: [expect.stringMatching(/^OpaqueRef:/)] });
  expect(await send('VM.get_record', [session, 'OpaqueRef:nothing'], 7)).toEqual({
    jsonrpc: '2.0',
    id: 7,
    error: { code: 1, message: 'HANDLE_INVALID', data: ['VM', 'OpaqueRef:nothing'] },
  });
});

it('answers JSON-RPC 1.0', async () => {
  const send = client(1);
  const session = await login(send);
  const reply = await send('pool.get_all', [session], 3);
  expect(reply).toEqual({ id: 3, result: [expect.stringMatching(/^OpaqueRef:/)], error: null });
  expect(await send('VM.get_record', [session, 'OpaqueRef:nothing'], 4)).toEqual({
    id: 4,
    result: null,
    error: ['HANDLE_INVALID', 'VM', 'OpaqueRef:nothing'],
  });
});

it('carries text of all kinds, integers up to 2^53 and maps', async () => {
  const send = client(2);
  const session = await login(send);
  const [vm] = (await send('VM.get_by_name_label', [session, 'vm-2'])).result as string[];
  const text = 'ä – 漢 😀 "quoted" \\ <tag> & \u2028 \t\n';
  await send('VM.set_name_description', [session, vm, text]);
  expect((await send('VM.get_name_description', [session, vm])).result).toBe(text);
  await send('VM.set_other_config', [session, vm, { ä: '1', 'with space': '' }]);
  expect((await send('VM.get_other_config', [session, vm])).result).toEqual({ ä: '1', 'with space': '' });
  await send('VM.set_memory_static_max', [session, vm, 2 ** 40]);
  expect((await send('VM.get_memory_static_max', [session, vm])).result).toBe(2 ** 40);
});

it('serves the alias paths and names that clients use', async () => {
  const send = client(2);
  const session = await login(send);
  expect((await send('VM_get_all', [session])).result).toEqual((await send('VM.get_all', [session])).result);
  const task = (
    await send('Async.network.create', [session, { name_label: 'made by a task', name_description: '', other_config: {} }])
  ).result;
  expect(task).toMatch(/^OpaqueRef:/);
  await expect.poll(async () => (await send('task.get_status', [session, task])).result).toBe('success');
  const result = String((await send('task.get_result', [session, task])).result);
  expect(result).toBe(`<value>${await pool.find('network', 'made by a task')}</value>`);
});
