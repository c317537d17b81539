import { expect, it } from 'vitest';
import { XmlRpcSession } from '../test-support/xmlrpc-session.js';
import { testPool } from './support/pool.js';

// An XML-RPC client that knows nothing of XenAPI: what it accepts is the protocol itself.
const pool = testPool();

it('reads records with all their types', async () => {
  const session = await XmlRpcSession.login(pool.daemon);
  const vm = await pool.find('VM', 'vm-1');
  const record = await session.call<Record<string, unknown>>('VM.get_record', vm);
  expect(record).toMatchObject({ name_label: 'vm-1', is_a_template: false, VCPUs_max: '1', snapshot_time: expect.any(Date) });
  expect(record.VBDs).toHaveLength(2);
  expect(record.platform).toEqual(await pool.rpc.call('VM.get_platform', vm));
  const metrics = await session.call<Record<string, unknown>>('host.get_all_records');
  expect(Object.keys(metrics)).toHaveLength(1);
});

it('reads every record of every class that has get_all_records as JSON clients do', async () => {
  const session = await XmlRpcSession.login(pool.daemon);
  for (const className of [
    'VM',
    'VBD',
    'VDI',
    'VIF',
    'SR',
    'PBD',
    'PIF',
    'network',
    'host',
    'pool',
    'host_metrics',
    'role',
    'console',
  ]) {
    const xml = await session.call<object>(`${className}.get_all_records`);
    const json = await pool.rpc.call<object>(`${className}.get_all_records`);
    expect(Object.keys(xml).sort(), className).toEqual(Object.keys(json).sort());
    for (const [ref, record] of Object.entries(json)) {
      expect(Object.keys((xml as Record<string, object>)[ref] ?? {}).sort(), `${className} ${ref}`).toEqual(
        Object.keys(record).sort(),
      );
    }
  }
});

it('writes text, integers, sets and maps', async () => {
  const session = await XmlRpcSession.login(pool.daemon);
  const vm = await pool.find('VM', 'vm-2');
  const text = 'ä – 漢 😀 <tag> & "quoted" ]]>';
  await session.call('VM.set_name_description', vm, text);
  await session.call('VM.set_tags', vm, ['one', 'two']);
  await session.call('VM.set_other_config', vm, { 'a key': 'its value', empty: '' });
  await session.call('VM.set_VCPUs_at_startup', vm, 1);
  expect(await session.call('VM.get_name_description', vm)).toBe(text);
  expect(await pool.rpc.call('VM.get_record', vm)).toMatchObject({
    name_description: text,
    tags: ['one', 'two'],
    other_config: { 'a key': 'its value', empty: '' },
    VCPUs_at_startup: 1,
  });
});

it('gets errors as failures, with their parameters', async () => {
  const session = await XmlRpcSession.login(pool.daemon);
  await expect(session.call('VM.get_record', 'OpaqueRef:nothing')).rejects.toMatchObject({
    code: 'HANDLE_INVALID',
    params: ['VM', 'OpaqueRef:nothing'],
  });
  await expect(XmlRpcSession.login(pool.daemon, 'root', 'wrong')).rejects.toMatchObject({
    code: 'SESSION_AUTHENTICATION_FAILED',
  });
  await expect(session.raw('VM.get_all', 'OpaqueRef:no session')).rejects.toMatchObject({ code: 'SESSION_INVALID' });
});
