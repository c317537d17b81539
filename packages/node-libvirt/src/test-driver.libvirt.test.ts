import { describe, expect, it } from 'vitest';
import {
  type Connection,
  connect,
  DomainEventLifecycle,
  type DomainEventOf,
  DomainState,
  ErrorCode,
  LibvirtError,
  ListAllNodeDevicesFlags,
  NetworkEventLifecycleType,
  type NetworkEventOf,
  NodeDeviceEventLifecycleType,
  type NodeDeviceEventOf,
  StoragePoolEventLifecycleType,
  type StoragePoolEventOf,
} from './index.js';
import { Heard, real } from './testing/real.js';

const given = real('test:///default');

const call: Connection['call'] = (procedure, args, options) => given().connection.call(procedure, args, options);

async function testDomain() {
  return (await call('DOMAIN_LOOKUP_BY_NAME', { name: 'test' })).dom;
}

describe('the connection', () => {
  it('tells what it leads to', async () => {
    expect(await call('CONNECT_GET_TYPE', {})).toEqual({ type: 'TEST' });
    expect((await call('CONNECT_GET_URI', {})).uri).toBe('test:///default');
    expect((await call('CONNECT_GET_LIB_VERSION', {})).lib_ver).toBeGreaterThan(5_000_000);
    expect((await call('CONNECT_GET_VERSION', {})).hv_ver).toBeGreaterThan(0);
    expect((await call('CONNECT_GET_HOSTNAME', {})).hostname).not.toBe('');
    expect((await call('CONNECT_GET_CAPABILITIES', {})).capabilities).toContain('<capabilities>');
    expect((await call('CONNECT_GET_MAX_VCPUS', {})).max_vcpus).toBe(32);
    expect((await call('CONNECT_IS_SECURE', {})).secure).toBe(1);
  });

  it('that may only read does not change anything', async () => {
    const uri = given().libvirtd.uri('test:///default');
    const connection = await connect(uri, { readOnly: true });
    const dom = await testDomain();
    expect((await connection.call('DOMAIN_GET_INFO', { dom })).state).toBe(DomainState.RUNNING);
    await expect(connection.call('DOMAIN_SUSPEND', { dom })).rejects.toMatchObject({ code: ErrorCode.OPERATION_DENIED });
    await connection.close();
  });

  it('to a driver that does not exist is refused', async () => {
    const uri = given().libvirtd.uri('nonsense:///default');
    await expect(connect(uri)).rejects.toThrow(LibvirtError);
  });
});

describe('the host', () => {
  it('tells what it has', async () => {
    const info = await call('NODE_GET_INFO', {});
    expect(info).toMatchObject({ model: 'i686', memory: 3_145_728, cpus: 16, nodes: 2, sockets: 2, cores: 2, threads: 2 });
    const { cells } = await call('NODE_GET_CELLS_FREE_MEMORY', { startCell: 0, maxcells: 2 });
    expect(cells).toHaveLength(2);
    const { cpumap, online } = await call('NODE_GET_CPU_MAP', { need_map: 1, need_online: 1, flags: 0 });
    expect(cpumap).toEqual(Buffer.from([0b10101]));
    expect(online).toBe(3);
  });

  it('has network interfaces', async () => {
    const { ifaces } = await call('CONNECT_LIST_ALL_INTERFACES', { need_results: 1, flags: 0 });
    expect(ifaces).toEqual([{ name: 'eth1', mac: 'aa:bb:cc:dd:ee:ff' }]);
    const [iface] = ifaces;
    if (iface === undefined) throw new Error('the test driver has an interface');
    expect((await call('INTERFACE_GET_XML_DESC', { iface, flags: 0 })).xml).toContain('eth1');
    expect(await call('INTERFACE_IS_ACTIVE', { iface })).toEqual({ active: 1 });
    expect((await call('INTERFACE_LOOKUP_BY_NAME', { name: 'eth1' })).iface).toEqual(iface);
  });

  it('has devices, and tells when they come and go', async () => {
    const events = new Heard<NodeDeviceEventOf<'LIFECYCLE'>>();
    const end = await given().connection.onNodeDeviceEvent('LIFECYCLE', events.listener);
    const flags = ListAllNodeDevicesFlags.CAP_SCSI_HOST;
    const { devices } = await call('CONNECT_LIST_ALL_NODE_DEVICES', { need_results: 1, flags });
    expect(devices.map(({ name }) => name)).toContain('scsi_host1');
    const xml_desc = `<device><parent>scsi_host1</parent><capability type='scsi_host'><capability type='fc_host'>
      <wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability></capability></device>`;
    const { dev } = await call('NODE_DEVICE_CREATE_XML', { xml_desc, flags: 0 });
    expect((await call('NODE_DEVICE_GET_XML_DESC', { name: dev.name, flags: 0 })).xml).toContain(dev.name);
    expect((await call('NODE_DEVICE_GET_PARENT', { name: dev.name })).parentName).toBe('scsi_host1');
    expect((await call('NODE_DEVICE_LIST_CAPS', { name: dev.name, maxnames: 10 })).names).toContain('scsi_host');
    await call('NODE_DEVICE_DESTROY', { name: dev.name });
    const { CREATED, DELETED } = NodeDeviceEventLifecycleType;
    await events.first(({ event }) => event === DELETED);
    await end();
    expect(events.all).toEqual([
      { dev, event: CREATED, detail: 0 },
      { dev, event: DELETED, detail: 0 },
    ]);
  });
});

describe('a domain', () => {
  it('is found by name, UUID, id and in lists', async () => {
    const dom = await testDomain();
    expect(dom).toMatchObject({ name: 'test', id: 1 });
    expect(dom.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect((await call('DOMAIN_LOOKUP_BY_UUID', { uuid: dom.uuid.toUpperCase() })).dom).toEqual(dom);
    expect((await call('DOMAIN_LOOKUP_BY_ID', { id: 1 })).dom).toEqual(dom);
    expect(await call('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags: 0 })).toEqual({ domains: [dom], ret: 1 });
    expect((await call('CONNECT_LIST_DOMAINS', { maxids: 10 })).ids).toEqual([1]);
    const missing = call('DOMAIN_LOOKUP_BY_NAME', { name: 'täst' });
    await expect(missing).rejects.toMatchObject({ code: ErrorCode.NO_DOMAIN, message: 'Domain not found' });
  });

  it('tells of every step of its life', async () => {
    const { connection } = given();
    const events = new Heard<DomainEventOf<'LIFECYCLE'>>();
    const end = await connection.onDomainEvent('LIFECYCLE', events.listener);
    const xml = "<domain type='test'><name>life</name><memory>65536</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>";
    const { dom } = await call('DOMAIN_DEFINE_XML_FLAGS', { xml, flags: 0 });
    await call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags: 0 });
    // The event is there before the answer to the call that caused it.
    expect(events.all.at(-1)?.event).toBe(DomainEventLifecycle.STARTED);
    await call('DOMAIN_SUSPEND', { dom });
    expect(await call('DOMAIN_GET_STATE', { dom, flags: 0 })).toEqual({ state: DomainState.PAUSED, reason: 1 });
    await call('DOMAIN_RESUME', { dom });
    await call('DOMAIN_REBOOT', { dom, flags: 0 });
    await call('DOMAIN_DESTROY_FLAGS', { dom, flags: 0 });
    await call('DOMAIN_UNDEFINE_FLAGS', { dom, flags: 0 });
    await events.first(({ event }) => event === DomainEventLifecycle.UNDEFINED);
    await end();
    await end();
    const { DEFINED, STARTED, SUSPENDED, RESUMED, SHUTDOWN, STOPPED, UNDEFINED } = DomainEventLifecycle;
    const told = events.all.map(({ event }) => event).filter((event) => event !== SHUTDOWN);
    expect(told.slice(0, 4)).toEqual([DEFINED, STARTED, SUSPENDED, RESUMED]);
    expect(told.slice(-2)).toEqual([STOPPED, UNDEFINED]);
    expect(events.all.every((event) => event.dom.uuid === dom.uuid)).toBe(true);
    await expect(call('DOMAIN_GET_INFO', { dom })).rejects.toMatchObject({ code: ErrorCode.NO_DOMAIN });
  });

  it('tells its state and its definition', async () => {
    const dom = await testDomain();
    expect(await call('DOMAIN_GET_INFO', { dom })).toMatchObject({ state: 1, maxMem: 8_388_608, nrVirtCpu: 2 });
    expect((await call('DOMAIN_GET_XML_DESC', { dom, flags: 0 })).xml).toContain('<name>test</name>');
    expect(await call('DOMAIN_GET_OS_TYPE', { dom })).toEqual({ type: 'linux' });
    expect(await call('DOMAIN_IS_ACTIVE', { dom })).toEqual({ active: 1 });
    expect(await call('DOMAIN_IS_PERSISTENT', { dom })).toEqual({ persistent: 1 });
    const { info, cpumaps } = await call('DOMAIN_GET_VCPUS', { dom, maxinfo: 2, maplen: 1 });
    expect(info.map(({ number }) => number)).toEqual([0, 1]);
    expect(cpumaps).toHaveLength(2);
    expect((await call('DOMAIN_GET_TIME', { dom, flags: 0 })).seconds).toBeGreaterThan(0);
  });

  it('takes and tells tuning', async () => {
    const dom = await testDomain();
    expect(await call('DOMAIN_GET_SCHEDULER_TYPE', { dom })).toEqual({ type: 'fair', nparams: 1 });
    const { params } = await call('DOMAIN_GET_SCHEDULER_PARAMETERS', { dom, nparams: 1 });
    expect(params).toEqual([{ field: 'weight', type: 'uint', value: 50 }]);
    await call('DOMAIN_SET_SCHEDULER_PARAMETERS', { dom, params });
    const hard_limit = { field: 'hard_limit', type: 'ullong', value: 1_048_576 } as const;
    await call('DOMAIN_SET_MEMORY_PARAMETERS', { dom, params: [hard_limit], flags: 0 });
    const memory = await call('DOMAIN_GET_MEMORY_PARAMETERS', { dom, nparams: 4, flags: 0 });
    expect(memory.params).toContainEqual(hard_limit);
    await call('DOMAIN_SET_MEMORY', { dom, memory: 1_000_000n });
    expect((await call('DOMAIN_GET_INFO', { dom })).memory).toBe(1_000_000);
    await call('DOMAIN_SET_VCPUS_FLAGS', { dom, nvcpus: 1, flags: 1 });
    expect(await call('DOMAIN_GET_VCPUS_FLAGS', { dom, flags: 1 })).toEqual({ num: 1 });
  });

  it('has metadata, snapshots and checkpoints', async () => {
    const dom = await testDomain();
    await call('DOMAIN_SET_METADATA', { dom, type: 1, metadata: 'Größe', key: undefined, uri: undefined, flags: 0 });
    expect(await call('DOMAIN_GET_METADATA', { dom, type: 1, flags: 0 })).toEqual({ metadata: 'Größe' });
    await call('DOMAIN_SET_AUTOSTART', { dom, autostart: 1 });
    expect(await call('DOMAIN_GET_AUTOSTART', { dom })).toEqual({ autostart: 1 });
    const { snap } = await call('DOMAIN_SNAPSHOT_CREATE_XML', {
      dom,
      xml_desc: '<domainsnapshot><name>s1</name></domainsnapshot>',
      flags: 0,
    });
    expect(snap).toMatchObject({ name: 's1', dom: { uuid: dom.uuid } });
    expect((await call('DOMAIN_LIST_ALL_SNAPSHOTS', { dom, need_results: 1, flags: 0 })).snapshots).toHaveLength(1);
    expect((await call('DOMAIN_SNAPSHOT_GET_XML_DESC', { snap, flags: 0 })).xml).toContain('<name>s1</name>');
    await call('DOMAIN_REVERT_TO_SNAPSHOT', { snap, flags: 0 });
    await call('DOMAIN_SNAPSHOT_DELETE', { snap, flags: 0 });
    expect(await call('DOMAIN_LIST_ALL_CHECKPOINTS', { dom, need_results: 1, flags: 0 })).toEqual({ checkpoints: [], ret: 0 });
  });

  it('tells of its guest', async () => {
    const dom = await testDomain();
    const { ifaces } = await call('DOMAIN_INTERFACE_ADDRESSES', { dom, source: 0, flags: 0 });
    expect(ifaces).toBeInstanceOf(Array);
    expect((await call('DOMAIN_GET_FSINFO', { dom, flags: 0 })).info[0]).toMatchObject({ mountpoint: '/', fstype: 'ext4' });
    expect(await call('DOMAIN_FSFREEZE', { dom, mountpoints: [], flags: 0 })).toEqual({ filesystems: 2 });
    expect(await call('DOMAIN_FSTHAW', { dom, mountpoints: [], flags: 0 })).toEqual({ filesystems: 2 });
    await call('DOMAIN_SEND_KEY', { dom, codeset: 0, holdtime: 0, keycodes: [28], flags: 0 });
    await call('DOMAIN_SET_USER_PASSWORD', { dom, user: 'root', password: 'secret', flags: 0 }).catch((error: LibvirtError) => {
      expect(error.code).toBe(ErrorCode.NO_SUPPORT);
    });
  });

  it('gives a picture of its screen', async () => {
    const dom = await testDomain();
    const { result, stream } = await given().connection.openStream('DOMAIN_SCREENSHOT', { dom, screen: 0, flags: 0 });
    expect(result).toEqual({ mime: 'image/png' });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('a virtual network', () => {
  it('lives, and tells of it', async () => {
    const events = new Heard<NetworkEventOf<'LIFECYCLE'>>();
    const end = await given().connection.onNetworkEvent('LIFECYCLE', events.listener);
    const xml = "<network><name>n1</name><bridge name='testbr9'/><ip address='10.9.0.1' netmask='255.255.255.0'/></network>";
    const { net } = await call('NETWORK_DEFINE_XML', { xml });
    await call('NETWORK_CREATE', { net });
    expect(await call('NETWORK_GET_BRIDGE_NAME', { net })).toEqual({ name: 'testbr9' });
    expect(await call('NETWORK_IS_ACTIVE', { net })).toEqual({ active: 1 });
    const { nets } = await call('CONNECT_LIST_ALL_NETWORKS', { need_results: 1, flags: 0 });
    expect(nets).toContainEqual(net);
    await call('NETWORK_SET_AUTOSTART', { net, autostart: 1 });
    expect((await call('NETWORK_GET_XML_DESC', { net, flags: 0 })).xml).toContain('10.9.0.1');
    await call('NETWORK_DESTROY', { net });
    await call('NETWORK_UNDEFINE', { net });
    const { DEFINED, STARTED, STOPPED, UNDEFINED } = NetworkEventLifecycleType;
    await events.first(({ event }) => event === UNDEFINED);
    await end();
    expect(events.all.map(({ event }) => event)).toEqual([DEFINED, STARTED, STOPPED, UNDEFINED]);
    expect(events.all[0]?.net).toEqual(net);
  });
});

describe('a storage pool', () => {
  it('lives, and tells of it', async () => {
    const { connection } = given();
    const events = new Heard<StoragePoolEventOf<'LIFECYCLE'>>();
    const refreshes = new Heard<StoragePoolEventOf<'REFRESH'>>();
    const ends = [
      await connection.onStoragePoolEvent('LIFECYCLE', events.listener),
      await connection.onStoragePoolEvent('REFRESH', refreshes.listener),
    ];
    const xml = "<pool type='dir'><name>p1</name><target><path>/p1</path></target></pool>";
    const { pool } = await call('STORAGE_POOL_DEFINE_XML', { xml, flags: 0 });
    await call('STORAGE_POOL_BUILD', { pool, flags: 0 });
    await call('STORAGE_POOL_CREATE', { pool, flags: 0 });
    await call('STORAGE_POOL_REFRESH', { pool, flags: 0 });
    expect(await call('STORAGE_POOL_GET_INFO', { pool })).toMatchObject({ state: 2, capacity: 107_374_182_400, allocation: 0 });
    const { pools } = await call('CONNECT_LIST_ALL_STORAGE_POOLS', { need_results: 1, flags: 0 });
    expect(pools).toContainEqual(pool);
    const volume = '<volume><name>v1</name><capacity>1048576</capacity></volume>';
    const { vol } = await call('STORAGE_VOL_CREATE_XML', { pool, xml: volume, flags: 0 });
    expect(vol).toEqual({ pool: 'p1', name: 'v1', key: '/p1/v1' });
    expect(await call('STORAGE_VOL_GET_INFO', { vol })).toMatchObject({ type: 0, capacity: 1_048_576 });
    expect(await call('STORAGE_VOL_GET_PATH', { vol })).toEqual({ name: '/p1/v1' });
    expect((await call('STORAGE_POOL_LIST_ALL_VOLUMES', { pool, need_results: 1, flags: 0 })).vols).toEqual([vol]);
    expect((await call('STORAGE_VOL_LOOKUP_BY_PATH', { path: '/p1/v1' })).vol).toEqual(vol);
    await call('STORAGE_VOL_DELETE', { vol, flags: 0 });
    await call('STORAGE_POOL_DESTROY', { pool });
    await call('STORAGE_POOL_UNDEFINE', { pool });
    const { DEFINED, STARTED, STOPPED, UNDEFINED, CREATED } = StoragePoolEventLifecycleType;
    await events.first(({ event }) => event === UNDEFINED);
    for (const end of ends) await end();
    expect(events.all.map(({ event }) => event)).toEqual([DEFINED, CREATED, STARTED, STOPPED, UNDEFINED]);
    expect(refreshes.all).toEqual([{ pool }]);
  });
});
