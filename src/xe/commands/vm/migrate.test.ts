import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../../api/certificates/self-signed.js';
import { Dispatcher } from '../../../api/dispatcher.js';
import { maskOfRoles, permissionNames } from '../../../api/roles.js';
import type { RpcRequest } from '../../../api/rpc.js';
import { type PoolFixture, poolFixture, vmPlan } from '../../../api/testing/pool-fixture.js';
import { ApiClient } from '../../api/api-client.js';
import { MissingParameter } from '../../failure.js';
import { startCommand } from '../../testing/command-run.js';
import { migrateCommands } from './migrate.js';
import { migrateStorage } from './migrate-storage.js';

const UUID = '5a0c0b1e-0000-4000-8000-000000000001';
const CREDENTIALS = ['remote-master=127.0.0.1', 'remote-username=root', 'remote-password=word'];

interface RemoteCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

let tls: { key: string; cert: string };
let f: PoolFixture;
let remote: Server;
let remoteCalls: RemoteCall[];
let sent: RpcRequest[];

/** What the other pool has. */
const THERE: Readonly<Record<string, unknown>> = {
  'session.login_with_password': 'OpaqueRef:their-session',
  'host.get_all_records': {
    'OpaqueRef:h1': { uuid: 'h-1', hostname: 'first', name_label: 'First' },
    'OpaqueRef:h2': { uuid: 'h-2', hostname: 'second', name_label: 'Second' },
  },
  'network.get_all_records': {
    'OpaqueRef:n1': { uuid: 'n-1', bridge: 'xenbr0', name_label: 'Storage' },
    'OpaqueRef:n2': { uuid: 'n-2', bridge: 'xenbr1', name_label: 'Management' },
  },
  'PIF.get_all_records': {
    'OpaqueRef:p1': { host: 'OpaqueRef:h2', management: false, network: 'OpaqueRef:n1' },
    'OpaqueRef:p2': { host: 'OpaqueRef:h2', management: true, network: 'OpaqueRef:n2' },
  },
  'PBD.get_all_records': {
    'OpaqueRef:b1': { host: 'OpaqueRef:h2', currently_attached: true, SR: 'OpaqueRef:local' },
    'OpaqueRef:b2': { host: 'OpaqueRef:h2', currently_attached: true, SR: 'OpaqueRef:shared' },
    'OpaqueRef:b3': { host: 'OpaqueRef:h2', currently_attached: true, SR: 'OpaqueRef:isos' },
    'OpaqueRef:b4': { host: 'OpaqueRef:h2', currently_attached: false, SR: 'OpaqueRef:unplugged' },
    'OpaqueRef:b5': { host: 'OpaqueRef:h2', currently_attached: true, SR: 'OpaqueRef:roomy' },
  },
  'SR.get_all_records': {
    'OpaqueRef:local': { shared: false, content_type: 'user', physical_size: '900', physical_utilisation: '0' },
    'OpaqueRef:shared': { shared: true, content_type: 'user', physical_size: '200', physical_utilisation: '150' },
    'OpaqueRef:roomy': { shared: true, content_type: '', physical_size: '100', physical_utilisation: '10' },
    'OpaqueRef:isos': { shared: true, content_type: 'iso', physical_size: '9999', physical_utilisation: '0' },
    'OpaqueRef:unplugged': { shared: true, content_type: 'user', physical_size: '9999', physical_utilisation: '0' },
  },
  'SR.get_by_uuid': 'OpaqueRef:chosen',
  'SR.get_uuid': 'sr-uuid-there',
  'network.get_by_uuid': 'OpaqueRef:n1',
  'host.migrate_receive': { url: 'https://there', session_id: 'OpaqueRef:their-session' },
  'VM.get_uuid': 'moved-uuid',
  'session.logout': '',
};

beforeAll(async () => {
  tls = await makeSelfSigned(['127.0.0.1']);
});

beforeEach(async () => {
  f = await poolFixture({ hosts: 2, vms: [vmPlan(UUID, { name: 'one' })] });
  remoteCalls = [];
  sent = [];
  remote = createServer(tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = JSON.parse(Buffer.concat(chunks).toString()) as RemoteCall & { id: number };
      remoteCalls.push(call);
      const wrong = call.method === 'session.login_with_password' && call.params[1] !== 'word';
      const answer = wrong
        ? { error: { code: 1, message: 'SESSION_AUTHENTICATION_FAILED', data: ['root', 'no'] } }
        : { result: THERE[call.method] };
      response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...answer }));
    });
  });
  await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  remote.closeAllConnections();
  remote.close();
  await f.close();
});

/** The pool here, whose VMs move without anything to it. */
function here(role?: string): ApiClient {
  const dispatcher = new Dispatcher(f.api);
  const roles = maskOfRoles(role === undefined ? [] : [role]);
  const user = { userName: 'someone', superuser: role === undefined, roles, permissions: permissionNames(roles) };
  const session = f.api.sessions.create({ ...user, host: f.api.localHost });
  const call = (request: RpcRequest) => {
    if (!request.method.includes('migrate')) return dispatcher.call(request);
    sent.push(request);
    return { ok: true as const, type: { kind: 'string' as const }, value: 'OpaqueRef:moved' };
  };
  return new ApiClient({ call }, { local: false, address: 'test' }, session.ref);
}

const run = (...words: string[]) => startCommand(here(), migrateCommands, ['vm-migrate', ...words]);

/** The same with disks, to the pool of this test. */
function runStorage(host: string | undefined, ...words: string[]) {
  return runStorageIn(here(), host, ...words);
}

function runStorageIn(api: ApiClient, host: string | undefined, ...words: string[]) {
  const { port } = remote.address() as AddressInfo;
  const options = new Map([['copy', 'false']]);
  const [{ optional = [], undeclared = [] } = {}] = migrateCommands;
  const command = {
    ...{ name: 'vm-migrate', required: [], optional, undeclared, selectors: 'vm' as const, description: '' },
    run: (context: Parameters<typeof migrateStorage>[0]) => migrateStorage(context, host, options, port),
  };
  return startCommand(api, [command], ['vm-migrate', 'vm=one', ...CREDENTIALS, ...words]);
}

const disk = () => {
  const vbd = f.db.get('VM', f.vm('one')).VBDs.find((ref) => f.db.get('VBD', ref).type === 'Disk');
  if (!vbd) throw new Error('the VM has no disk');
  return f.db.get('VBD', vbd).VDI;
};

describe('vm-migrate', () => {
  it('moves VMs within the pool, with every option said', async () => {
    const hosts = [...f.pool.hosts].map(([ref]) => ref);
    for (const word of ['host=host1', `host-uuid=${f.db.get('host', hosts[1] ?? f.pool.master).uuid}`, 'host-name=host1'])
      await run('vm=one', word, 'live=true').done;
    await run('vm=one', 'host=host0', 'compress=no').done;
    const options = { force: 'false', live: 'true', copy: 'false' };
    const destinations = sent.map(({ method, params: [, vm, host, given] }) => {
      expect([method, vm]).toEqual(['VM.pool_migrate', f.vm('one')]);
      return [host, Object.fromEntries(given as Map<string, string>)];
    });
    expect(destinations).toEqual([
      ...[1, 2, 3].map(() => [hosts[1], options]),
      [hosts[0], { ...options, live: 'false', compress: 'false' }],
    ]);
  });

  it('wants to know where to', async () => {
    await expect(run('vm=one').done).rejects.toThrow('Say where to');
    await expect(run('vm=one', 'host=nowhere').done).rejects.toThrow('No host has the name');
    for (const word of ['vdi:a=b', 'vif:a=b', 'vgpu:a=b', 'image-format:a=raw', 'remote-network=x'])
      await expect(run('vm=one', 'host=host1', word).done).rejects.toEqual(new MissingParameter('remote-username'));
    expect(sent).toEqual([]);
  });
});

describe('vm-migrate to another pool', () => {
  it('finds the management network and the roomiest shared SR, and logs out', async () => {
    const { client, done } = runStorage('second');
    await done;
    const [, vm, token, live, vdis, vifs] = sent[0]?.params ?? [];
    expect([vm, live]).toEqual([f.vm('one'), true]);
    expect(token).toEqual(new Map(Object.entries(THERE['host.migrate_receive'] as object)));
    expect([vdis, vifs]).toEqual([new Map([[disk(), 'OpaqueRef:roomy']]), new Map()]);
    expect(remoteCalls.find(({ method }) => method === 'host.migrate_receive')?.params).toEqual([
      'OpaqueRef:their-session',
      'OpaqueRef:h2',
      'OpaqueRef:n2',
      { copy: 'false' },
    ]);
    expect(client.out).toBe(
      `Moving to host Second over network Management, disks as follows:\nVDI ${f.db.get('VDI', disk()).uuid} -> SR sr-uuid-there\n`,
    );
    expect(remoteCalls.at(-1)?.method).toBe('session.logout');
  });

  it('goes where the command line says, and tells what a copy is called', async () => {
    const vif = f.db.get('VM', f.vm('one')).VIFs[0];
    if (!vif) throw new Error('the VM has no card');
    const { client, done } = runStorage(
      undefined,
      'remote-network=Storage',
      `vdi:${f.db.get('VDI', disk()).uuid}=theirs`,
      `vif:${f.db.get('VIF', vif).uuid}=theirs`,
      `image-format:${f.db.get('VDI', disk()).uuid}=qcow2`,
      'copy=true',
    );
    await done;
    const [, , , , vdis, vifs, , , formats] = sent[0]?.params ?? [];
    expect([vdis, vifs, formats]).toEqual([
      new Map([[disk(), 'OpaqueRef:chosen']]),
      new Map([[vif, 'OpaqueRef:n1']]),
      new Map([[disk(), 'qcow2']]),
    ]);
    expect(client.out.endsWith('\nmoved-uuid\n')).toBe(true);
    expect(remoteCalls.map(({ method }) => method)).not.toContain('PBD.get_all_records');
  });

  it('does not connect anywhere for a user who may not move VMs', async () => {
    await expect(runStorageIn(here('read-only'), 'second').done).rejects.toMatchObject({ code: 'RBAC_PERMISSION_DENIED' });
    expect(remoteCalls).toEqual([]);
    await runStorageIn(here('vm-power-admin'), 'second').done;
    expect(sent.map(({ method }) => method)).toEqual(['VM.migrate_send']);
  });

  it('says what the other pool says, and what it lacks', async () => {
    await expect(runStorage('nobody').done).rejects.toThrow('The other pool has no host nobody');
    await expect(runStorage('first').done).rejects.toThrow('no management interface');
    await expect(runStorage('first', 'remote-network=xenbr0').done).rejects.toThrow('no SR for the disks');
    expect(remoteCalls.filter(({ method }) => method === 'session.logout')).toHaveLength(3);
    await expect(runStorage('second', 'vm=nobody').done).rejects.toThrow('No matching VMs found');
    const { port } = remote.address() as AddressInfo;
    const [, ...rest] = CREDENTIALS;
    const command = {
      ...{ name: 'vm-migrate', required: [], optional: rest.map((word) => word.split('=')[0] ?? ''), description: '' },
      run: (context: Parameters<typeof migrateStorage>[0]) => migrateStorage(context, undefined, new Map(), port),
    };
    const login = (password: string) =>
      startCommand(here(), [command], ['vm-migrate', 'remote-master=127.0.0.1', 'remote-username=root', password]).done;
    await expect(login('remote-password=wrong')).rejects.toMatchObject({ code: 'SESSION_AUTHENTICATION_FAILED' });
    await new Promise((resolve) => remote.close(resolve).closeAllConnections());
    await expect(login('remote-password=word')).rejects.toThrow('Could not ask the pool at 127.0.0.1');
    expect(sent).toEqual([]);
  });
});
