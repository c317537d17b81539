import { describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { emulatedPool } from '../testing/emulated-pool.js';
import { apiFixture } from '../testing/fixture.js';

function refusal(...description: string[]) {
  return expect.objectContaining({ description });
}

describe('networks', () => {
  const given = { name_label: 'n', name_description: '', MTU: 0, other_config: new Map(), bridge: '', managed: true, tags: [] };

  it('get names for their bridges that nobody has', async () => {
    const { api, call } = await apiFixture();
    const create = (fields: object = {}) => call<Ref<'network'>>('network.create', { ...given, ...fields });
    const refs = [await create(), await create(), await create({ bridge: 'br0' })];
    expect(refs.map((ref) => api.db.get('network', ref).bridge)).toEqual(['xapi0', 'xapi1', 'br0']);
    expect(refs.map((ref) => api.db.get('network', ref).MTU)).toEqual([1500, 1500, 1500]);
    await expect(create({ bridge: 'br0' })).rejects.toEqual(refusal('BRIDGE_NAME_EXISTS', 'br0'));
    for (const bridge of ['xapi7', 'xenbr0', 'eth0', 'b'.repeat(16)])
      await expect(create({ bridge })).rejects.toEqual(refusal('INVALID_VALUE', 'bridge', bridge));
  });

  it('offer one kind of block access in the whole pool', async () => {
    const { api, call } = await apiFixture();
    const [a, b] = [await call<Ref<'network'>>('network.create', given), await call<Ref<'network'>>('network.create', given)];
    await call('network.add_purpose', a, 'nbd');
    await expect(call('network.add_purpose', b, 'insecure_nbd')).rejects.toEqual(
      refusal('NETWORK_INCOMPATIBLE_PURPOSES', 'insecure_nbd', 'nbd'),
    );
    await call('network.remove_purpose', a, 'nbd');
    await call('network.add_purpose', b, 'insecure_nbd');
    expect(api.db.get('network', b).purpose).toEqual(['insecure_nbd']);
  });

  it('of the system stay', async () => {
    const { call } = await apiFixture();
    const other_config = new Map([['is_host_internal_management_network', 'true']]);
    const network = await call<Ref<'network'>>('network.create', { ...given, other_config });
    await expect(call('network.destroy', network)).rejects.toEqual(refusal('CANNOT_DESTROY_SYSTEM_NETWORK', network));
  });
});

describe('controllers', () => {
  it('are one at a time, with what their protocol needs', async () => {
    const { api, call } = await apiFixture();
    const introduce = (...args: unknown[]) => call<Ref<'SDN_controller'>>('SDN_controller.introduce', ...args);
    await expect(introduce('ssl', '', 0)).rejects.toEqual(refusal('INVALID_VALUE', 'address', ''));
    await expect(introduce('ssl', 'x', 0)).rejects.toEqual(refusal('INVALID_IP_ADDRESS_SPECIFIED', 'address'));
    await expect(introduce('pssl', '', 7)).rejects.toEqual(refusal('INVALID_VALUE', 'port', '7'));
    await expect(introduce('ssl', '192.0.2.1', 70000)).rejects.toMatchObject({ code: 'VALUE_NOT_SUPPORTED' });
    const controller = await introduce('ssl', '192.0.2.1', 0);
    expect(api.db.get('SDN_controller', controller).port).toBe(6632);
    await expect(introduce('pssl', '', 0)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
    await call('SDN_controller.forget', controller);
    await introduce('pssl', '', 0);
  });
});

describe('clusters', () => {
  it('are checked as far as that goes, and then refused', async () => {
    const { api, host, call } = await apiFixture();
    const pif = api.db.create('PIF', { host, disallow_unplug: true, currently_attached: true, IP: '192.0.2.1' });
    const create = (...args: unknown[]) => call('Cluster.create', ...args);
    await expect(create(pif, 'other', true, 20, 1)).rejects.toEqual(refusal('INVALID_CLUSTER_STACK', 'other'));
    await expect(create(pif, 'corosync', true, 0, 1)).rejects.toEqual(refusal('INVALID_VALUE', 'token_timeout', '0.'));
    await expect(create(pif, 'corosync', true, 20, 1)).rejects.toEqual(refusal('NOT_IMPLEMENTED', 'Cluster.create'));
    api.db.set('PIF', pif, { disallow_unplug: false });
    await expect(create(pif, 'corosync', true, 20, 1)).rejects.toEqual(refusal('PIF_ALLOWS_UNPLUG', pif));
    await expect(call('Cluster.destroy', 'OpaqueRef:no')).rejects.toEqual(refusal('HANDLE_INVALID', 'Cluster', 'OpaqueRef:no'));
  });
});

describe('repositories', () => {
  it('have addresses and keys of the right form', async () => {
    const { api, call } = await apiFixture();
    const introduce = (name: string, binary: string, key = '') =>
      call<Ref<'Repository'>>('Repository.introduce', name, '', binary, 'https://s.example/', true, key);
    for (const url of ['not a url', 'ftp://a.example/', 'https://', 'https://a_b.example/'])
      await expect(introduce('r', url)).rejects.toEqual(refusal('INVALID_BASE_URL', url));
    await expect(introduce('r', 'https://a.example/', '../key')).rejects.toEqual(refusal('INVALID_GPGKEY_PATH', '../key'));
    const repository = await introduce('r', 'https://a.example/');
    await expect(introduce('other', 'https://a.example/')).rejects.toEqual(refusal('REPOSITORY_ALREADY_EXISTS', repository));
    await expect(call('Repository.introduce_remote_pool', 'p', '', 'https://192.0.2.1/x', '')).rejects.toMatchObject({
      code: 'INVALID_BASE_URL',
    });
    api.db.set('pool', api.pool, { repositories: [repository] });
    await expect(call('Repository.forget', repository)).rejects.toEqual(refusal('REPOSITORY_IS_IN_USE'));
  });
});

describe('provisioning', () => {
  it('has a cache disk for each host of a site', async () => {
    const pool = await emulatedPool();
    const { api, call, host, sr } = pool;
    const site = await call<Ref<'PVS_site'>>('PVS_site.introduce', 's', '', 'uuid');
    const given = { host, SR: sr, site, size: 2 ** 30 };
    const cache = await call<Ref<'PVS_cache_storage'>>('PVS_cache_storage.create', given);
    const { VDI } = api.db.get('PVS_cache_storage', cache);
    expect(api.db.get('VDI', VDI)).toMatchObject({ type: 'pvs_cache', virtual_size: 2 ** 30 });
    await expect(call('PVS_cache_storage.create', given)).rejects.toEqual(
      refusal('PVS_CACHE_STORAGE_ALREADY_PRESENT', site, host),
    );
    await call('PVS_site.forget', site);
    expect(api.db.exists('VDI', VDI)).toBe(false);
    expect(api.db.exists('PVS_cache_storage', cache)).toBe(false);
    await pool.close();
  });
});

describe('disaster recovery', () => {
  it('is refused for storage that keeps no metadata', async () => {
    const { api, call } = await apiFixture();
    api.db.create('SM', { type: 'nfs', features: new Map([['SR_ATTACH', 1]]) });
    const create = (type: string) => call('DR_task.create', type, new Map(), []);
    await expect(create('none')).rejects.toEqual(refusal('SR_UNKNOWN_DRIVER', 'none'));
    await expect(create('nfs')).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });
});

describe('a recovery', () => {
  it('brings the wanted SRs of a storage in, and gives them back', async () => {
    const pool = await emulatedPool();
    const { api, call, physical } = pool;
    const deviceConfig = new Map([['SCSIid', '36000000000000000e000000000009000']]);
    const uuid = '6b2c6e0c-6f4c-4f0b-9e0e-1f6b0c6d8a11';
    const spec = { uuid, type: 'lvmohba', deviceConfig, smConfig: new Map(), contentType: 'user', shared: true };
    await physical.storage.createSr(spec, 10 * 2 ** 30);
    const nothing = await call<Ref<'DR_task'>>('DR_task.create', 'lvmohba', deviceConfig, []);
    expect(api.db.get('DR_task', nothing).introduced_SRs).toEqual([]);
    const task = await call<Ref<'DR_task'>>('DR_task.create', 'lvmohba', deviceConfig, [uuid]);
    const [sr] = api.db.get('DR_task', task).introduced_SRs;
    const [pbd] = api.db.get('SR', sr ?? '').PBDs;
    expect(api.db.get('PBD', pbd ?? '').currently_attached).toBe(true);
    await call('DR_task.destroy', task);
    expect(api.db.exists('SR', sr ?? '')).toBe(false);
    expect(api.db.exists('DR_task', task)).toBe(false);
    await pool.close();
  });
});

describe('diagnostics', () => {
  it('are of this process', async () => {
    const { call, host } = await apiFixture();
    await call('Diagnostics.gc_compact', host);
    const stats = await call<ReadonlyMap<string, string>>('Diagnostics.gc_stats', host);
    expect(Number(stats.get('live_words'))).toBeGreaterThan(100_000);
    const before = await call<ReadonlyMap<string, string>>('Diagnostics.db_stats');
    await call('secret.create', { value: 'v', other_config: new Map() });
    const after = await call<ReadonlyMap<string, string>>('Diagnostics.db_stats');
    expect(Number(after.get('objects'))).toBeGreaterThan(Number(before.get('objects')));
    await expect(call('Diagnostics.gc_stats', 'OpaqueRef:no')).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
  });
});

describe('observers', () => {
  it('say what can be traced', async () => {
    const { call } = await apiFixture();
    const create = (fields: object) =>
      call('Observer.create', {
        name_label: 'o',
        name_description: '',
        hosts: [],
        attributes: new Map(),
        endpoints: ['bugtool'],
        components: ['xapi'],
        enabled: false,
        ...fields,
      });
    await create({ endpoints: ['http://192.0.2.1:9411/api'] });
    await expect(create({ components: ['x'] })).rejects.toEqual(refusal('INVALID_VALUE', 'component', 'x'));
    await expect(create({ endpoints: ['file:///etc'] })).rejects.toEqual(refusal('INVALID_VALUE', 'endpoint', 'file:///etc'));
    await expect(create({ attributes: new Map([['BAD', 'v']]) })).rejects.toEqual(
      refusal('INVALID_VALUE', 'attributes', 'BAD:v'),
    );
  });
});
