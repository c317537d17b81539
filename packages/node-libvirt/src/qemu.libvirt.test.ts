import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  BlockIoTuneParameter,
  type Connection,
  connect,
  DomainBlockJobType,
  DomainEventBlockJobStatus,
  DomainEventLifecycle,
  type DomainEventOf,
  DomainModificationImpact,
  type DomainRef,
  DomainSnapshotCreateFlags,
  DomainState,
  DomainStatsTypes,
  DomainUndefineFlags,
  ErrorCode,
  type MonitorEvent,
  type SecretEventOf,
  type StoragePoolRef,
  type TypedParameter,
} from './index.js';
import { Heard, real } from './testing/real.js';

const given = real();

const call: Connection['call'] = (procedure, args, options) => given().connection.call(procedure, args, options);

let pool: StoragePoolRef;
let dom: DomainRef;

function definition(disk: string): string {
  return `<domain type='qemu'><name>nl-guest</name><memory unit='MiB'>64</memory><currentMemory unit='MiB'>48</currentMemory>
    <vcpu current='1'>2</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
    <devices>
      <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
      <interface type='user'><model type='virtio'/></interface>
      <serial type='pty'/><graphics type='vnc' port='-1' autoport='yes'/><memballoon model='virtio'/>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    </devices></domain>`;
}

function values(params: readonly TypedParameter[]): { readonly [field: string]: unknown } {
  return Object.fromEntries(params.map(({ field, value }) => [field, value]));
}

beforeAll(async () => {
  const path = `${given().libvirtd.folder}/images`;
  const xml = `<pool type='dir'><name>nl-pool</name><target><path>${path}</path></target></pool>`;
  pool = (await call('STORAGE_POOL_CREATE_XML', { xml, flags: 0 })).pool;
  const volume =
    "<volume><name>vda.qcow2</name><capacity unit='MiB'>16</capacity><target><format type='qcow2'/></target></volume>";
  const { vol } = await call('STORAGE_VOL_CREATE_XML', { pool, xml: volume, flags: 0 });
  dom = (await call('DOMAIN_DEFINE_XML_FLAGS', { xml: definition(vol.key), flags: 0 })).dom;
  await call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags: 0 });
  dom = (await call('DOMAIN_LOOKUP_BY_UUID', { uuid: dom.uuid })).dom;
});

afterAll(async () => {
  const flags = DomainUndefineFlags.MANAGED_SAVE | DomainUndefineFlags.SNAPSHOTS_METADATA;
  await call('DOMAIN_DESTROY', { dom }).catch(() => undefined);
  await call('DOMAIN_UNDEFINE_FLAGS', { dom, flags });
});

describe('a host', () => {
  it('tells about itself', async () => {
    expect((await call('NODE_GET_INFO', {})).model).toBe('x86_64');
    const { params, nparams } = await call('NODE_GET_MEMORY_STATS', { nparams: 0, cellNum: -1, flags: 0 });
    expect(params).toEqual([]);
    const memory = await call('NODE_GET_MEMORY_STATS', { nparams, cellNum: -1, flags: 0 });
    expect(memory.params.map(({ field }) => field)).toContain('total');
    const cpu = await call('NODE_GET_CPU_STATS', { cpuNum: -1, nparams: 4, flags: 0 });
    expect(cpu.params.map(({ field }) => field).sort()).toEqual(['idle', 'iowait', 'kernel', 'user']);
    expect((await call('NODE_GET_FREE_MEMORY', {})).freeMem).toBeGreaterThan(0);
    const capabilities = await call('CONNECT_GET_DOMAIN_CAPABILITIES', { virttype: 'qemu', arch: 'x86_64', flags: 0 });
    expect(capabilities.capabilities).toContain('<domainCapabilities>');
    expect((await call('CONNECT_GET_CPU_MODEL_NAMES', { arch: 'x86_64', need_results: 1, flags: 0 })).models).toContain('qemu64');
  });
});

describe('a guest', () => {
  it('tells what it does', async () => {
    const stats = DomainStatsTypes.STATE | DomainStatsTypes.BLOCK | DomainStatsTypes.BALLOON;
    const { retStats } = await call('CONNECT_GET_ALL_DOMAIN_STATS', { doms: [dom], stats, flags: 1 << 31 });
    expect(retStats).toHaveLength(1);
    expect(retStats[0]?.dom).toEqual(dom);
    const told = values(retStats[0]?.params ?? []);
    expect(told).toMatchObject({ 'state.state': DomainState.RUNNING, 'balloon.maximum': 65_536, 'block.0.name': 'vda' });
    expect(await call('DOMAIN_GET_BLOCK_INFO', { dom, path: 'vda', flags: 0 })).toMatchObject({ capacity: 16_777_216 });
    expect((await call('DOMAIN_BLOCK_STATS', { dom, path: 'vda' })).rd_req).toBeGreaterThanOrEqual(0);
    expect((await call('DOMAIN_MEMORY_STATS', { dom, maxStats: 16, flags: 0 })).stats.length).toBeGreaterThan(0);
    expect(await call('DOMAIN_GET_JOB_INFO', { dom })).toMatchObject({ type: 0 });
    expect(await call('DOMAIN_GET_JOB_STATS', { dom, flags: 0 })).toEqual({ type: 0, params: [] });
    expect((await call('DOMAIN_GET_CONTROL_INFO', { dom, flags: 0 })).state).toBe(0);
  });

  it('shows its screen', async () => {
    const { result, stream } = await given().connection.openStream('DOMAIN_SCREENSHOT', { dom, screen: 0, flags: 0 });
    const picture = await buffer(stream);
    expect(result.mime).toMatch(/^image\//);
    expect(picture.length).toBeGreaterThan(500);
  });

  it('gives its serial line, to one at a time', async () => {
    const { connection } = given();
    const { stream } = await connection.openStream('DOMAIN_OPEN_CONSOLE', { dom, flags: 0 });
    stream.write('\r');
    await expect(connection.openStream('DOMAIN_OPEN_CONSOLE', { dom, flags: 0 })).rejects.toMatchObject({
      code: ErrorCode.OPERATION_FAILED,
    });
    stream.destroy();
    await call('CONNECT_GET_TYPE', {});
    const again = await connection.openStream('DOMAIN_OPEN_CONSOLE', { dom, flags: 1 });
    again.stream.destroy();
    await once(again.stream, 'close');
  });

  it('is reached past libvirt through its monitor', async () => {
    const { connection } = given();
    const events = new Heard<MonitorEvent>();
    const end = await connection.onMonitorEvent({ dom, event: 'STOP' }, events.listener);
    const { result } = await call('QEMU_DOMAIN_MONITOR_COMMAND', { dom, cmd: '{"execute":"query-status"}', flags: 0 });
    expect(JSON.parse(result)).toMatchObject({ return: { status: 'running' } });
    await call('DOMAIN_SUSPEND', { dom });
    expect(await events.first(({ event }) => event === 'STOP')).toMatchObject({ dom, event: 'STOP' });
    await call('DOMAIN_RESUME', { dom });
    await end();
    await expect(
      call('QEMU_DOMAIN_AGENT_COMMAND', { dom, cmd: '{"execute":"guest-ping"}', timeout: 1, flags: 0 }),
    ).rejects.toMatchObject({
      code: ErrorCode.AGENT_UNRESPONSIVE,
    });
  });

  it('takes keys and interrupts', async () => {
    await call('DOMAIN_SEND_KEY', { dom, codeset: 0, holdtime: 10, keycodes: [29, 56, 111], flags: 0 });
    await call('DOMAIN_INJECT_NMI', { dom, flags: 0 });
    await call('DOMAIN_RESET', { dom, flags: 0 });
    const { buffer: memory } = await call('DOMAIN_MEMORY_PEEK', { dom, offset: 0, size: 64, flags: 1 });
    expect(memory).toHaveLength(64);
  });
});

describe('devices', () => {
  it('come and go while the guest runs', async () => {
    const { connection } = given();
    const removed = new Heard<DomainEventOf<'DEVICE_REMOVED'>>();
    const end = await connection.onDomainEvent('DEVICE_REMOVED', removed.listener, dom);
    const volume = "<volume><name>sdx.raw</name><capacity unit='MiB'>1</capacity></volume>";
    const { vol } = await call('STORAGE_VOL_CREATE_XML', { pool, xml: volume, flags: 0 });
    const alias = 'ua-nl-disk';
    const xml = `<disk type='file' device='disk'><alias name='${alias}'/><source file='${vol.key}'/><target dev='sdx' bus='usb'/></disk>`;
    await call('DOMAIN_ATTACH_DEVICE_FLAGS', { dom, xml, flags: DomainModificationImpact.LIVE });
    expect((await call('DOMAIN_GET_XML_DESC', { dom, flags: 0 })).xml).toContain(alias);
    await call('DOMAIN_DETACH_DEVICE_ALIAS', { dom, alias, flags: DomainModificationImpact.LIVE });
    expect(await removed.first(() => true)).toMatchObject({ dom: { uuid: dom.uuid }, devAlias: alias });
    await end();
  });

  it('are changed while the guest runs', async () => {
    const { connection } = given();
    const trays = new Heard<DomainEventOf<'TRAY_CHANGE'>>();
    const end = await connection.onDomainEvent('TRAY_CHANGE', trays.listener);
    const volume = "<volume><name>cd.iso</name><capacity unit='MiB'>1</capacity></volume>";
    const { vol } = await call('STORAGE_VOL_CREATE_XML', { pool, xml: volume, flags: 0 });
    const cd = (source: string) => `<disk type='file' device='cdrom'>${source}<target dev='sda' bus='sata'/><readonly/></disk>`;
    await call('DOMAIN_UPDATE_DEVICE_FLAGS', {
      dom,
      xml: cd(`<source file='${vol.key}'/>`),
      flags: DomainModificationImpact.LIVE,
    });
    expect((await call('DOMAIN_GET_XML_DESC', { dom, flags: 0 })).xml).toContain(vol.key);
    await trays.first(({ dom: { uuid } }) => uuid === dom.uuid);
    await end();
  });
});

describe('tuning', () => {
  it('reaches the disks', async () => {
    const { connection } = given();
    const tuned = new Heard<DomainEventOf<'TUNABLE'>>();
    const end = await connection.onDomainEvent('TUNABLE', tuned.listener);
    const field = BlockIoTuneParameter.TOTAL_IOPS_SEC;
    const params = [{ field, type: 'ullong', value: 500 } as const];
    await call('DOMAIN_SET_BLOCK_IO_TUNE', { dom, disk: 'vda', params, flags: DomainModificationImpact.LIVE });
    const set = await call('DOMAIN_GET_BLOCK_IO_TUNE', { dom, disk: 'vda', nparams: 32, flags: DomainModificationImpact.LIVE });
    expect(values(set.params)).toMatchObject({ total_iops_sec: 500 });
    const event = await tuned.first(() => true);
    expect(values(event.params)).toMatchObject({ 'blkdeviotune.disk': 'vda', 'blkdeviotune.total_iops_sec': 500 });
    await end();
  });

  it('reaches processors and memory', async () => {
    const flags = DomainModificationImpact.LIVE;
    await call('DOMAIN_PIN_VCPU_FLAGS', { dom, vcpu: 0, cpumap: Buffer.from([1]), flags });
    const pinned = await call('DOMAIN_GET_VCPU_PIN_INFO', { dom, ncpumaps: 1, maplen: 1, flags });
    expect(pinned.cpumaps).toEqual(Buffer.from([1]));
    await call('DOMAIN_SET_VCPUS_FLAGS', { dom, nvcpus: 2, flags });
    expect(await call('DOMAIN_GET_VCPUS_FLAGS', { dom, flags })).toEqual({ num: 2 });
    await call('DOMAIN_SET_MEMORY_STATS_PERIOD', { dom, period: 5, flags });
    await call('DOMAIN_SET_MEMORY_FLAGS', { dom, memory: 60_000, flags });
    await call('DOMAIN_MIGRATE_SET_MAX_DOWNTIME', { dom, downtime: 250, flags: 0 });
    expect(await call('DOMAIN_MIGRATE_GET_MAX_DOWNTIME', { dom, flags: 0 })).toEqual({ downtime: 250 });
    await call('DOMAIN_SET_LIFECYCLE_ACTION', { dom, type: 2, action: 3, flags });
  });
});

describe('disks', () => {
  it('are copied and committed while the guest runs', async () => {
    const { connection, libvirtd } = given();
    const jobs = new Heard<DomainEventOf<'BLOCK_JOB_2'>>();
    const end = await connection.onDomainEvent('BLOCK_JOB_2', jobs.listener);
    const { COMPLETED, READY } = DomainEventBlockJobStatus;
    const overlay = `${libvirtd.folder}/images/overlay.qcow2`;
    const xml_desc = `<domainsnapshot><disks><disk name='vda' snapshot='external'><source file='${overlay}'/></disk></disks></domainsnapshot>`;
    const { DISK_ONLY, NO_METADATA, ATOMIC } = DomainSnapshotCreateFlags;
    await call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml_desc, flags: DISK_ONLY | NO_METADATA | ATOMIC });
    await call('DOMAIN_BLOCK_COMMIT', { dom, disk: 'vda', base: undefined, top: undefined, bandwidth: 0, flags: 4 });
    expect(await jobs.first(({ status }) => status === READY)).toMatchObject({
      dom: { uuid: dom.uuid },
      dst: 'vda',
      type: DomainBlockJobType.ACTIVE_COMMIT,
    });
    expect(await call('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path: 'vda', flags: 0 })).toMatchObject({ found: 1, type: 4 });
    await call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: 'vda', flags: 2 });
    await jobs.first(({ status }) => status === COMPLETED);
    expect(await call('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path: 'vda', flags: 0 })).toMatchObject({ found: 0 });

    const destxml = `<disk type='file'><driver type='qcow2'/><source file='${libvirtd.folder}/images/copy.qcow2'/></disk>`;
    const params = [{ field: 'bandwidth', type: 'ullong', value: 0 } as const];
    await call('DOMAIN_BLOCK_COPY', { dom, path: 'vda', destxml, params, flags: 4 });
    await jobs.first(({ status, type }) => status === READY && type === DomainBlockJobType.COPY);
    await call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: 'vda', flags: 0 });
    await call('DOMAIN_BLOCK_RESIZE', { dom, disk: 'vda', size: 20 * 1024 * 1024, flags: 1 });
    const peek = call('DOMAIN_BLOCK_PEEK', { dom, path: 'vda', offset: 0, size: 512, flags: 0 });
    await expect(peek).rejects.toMatchObject({ code: ErrorCode.OPERATION_UNSUPPORTED });
    await end();
  });
});

describe('a volume', () => {
  it('is written and read through streams', async () => {
    const data = randomBytes(5_000_001);
    const length = data.length;
    const xml = `<volume><name>data.raw</name><capacity>${length}</capacity></volume>`;
    const { vol } = await call('STORAGE_VOL_CREATE_XML', { pool, xml, flags: 0 });
    const { connection } = given();
    const upload = await connection.openStream('STORAGE_VOL_UPLOAD', { vol, offset: 0, length, flags: 0 });
    await pipeline(Readable.from([data.subarray(0, 10), data.subarray(10)]), upload.stream);
    expect((await readFile(vol.key)).subarray(0, length).equals(data)).toBe(true);
    const download = await connection.openStream('STORAGE_VOL_DOWNLOAD', { vol, offset: 1, length: 0, flags: 0 });
    expect((await buffer(download.stream)).subarray(0, length - 1).equals(data.subarray(1))).toBe(true);

    const aborted = await connection.openStream('STORAGE_VOL_DOWNLOAD', { vol, offset: 0, length: 0, flags: 0 });
    aborted.stream.destroy();
    const missing = { ...vol, name: 'gone', key: '/gone' };
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', { vol: missing, offset: 0, length: 0, flags: 0 });
    await expect(opening).rejects.toMatchObject({ code: ErrorCode.NO_STORAGE_VOL });
    await call('STORAGE_VOL_RESIZE', { vol, capacity: 6_000_000, flags: 0 });
    expect(await call('STORAGE_VOL_GET_INFO', { vol })).toMatchObject({ capacity: 6_000_000 });
    await call('STORAGE_VOL_WIPE', { vol, flags: 0 }, { timeout: 60_000 });
    await call('STORAGE_VOL_DELETE', { vol, flags: 0 });
  });
});

describe('secrets', () => {
  it('are kept, and tell of it', async () => {
    const { connection } = given();
    const lifecycle = new Heard<SecretEventOf<'LIFECYCLE'>>();
    const changed = new Heard<SecretEventOf<'VALUE_CHANGED'>>();
    const ends = [
      await connection.onSecretEvent('LIFECYCLE', lifecycle.listener),
      await connection.onSecretEvent('VALUE_CHANGED', changed.listener),
    ];
    const xml = "<secret ephemeral='yes' private='no'><usage type='iscsi'><target>nl-target</target></usage></secret>";
    const { secret } = await call('SECRET_DEFINE_XML', { xml, flags: 0 });
    expect(secret).toMatchObject({ usageType: 3, usageID: 'nl-target' });
    await call('SECRET_SET_VALUE', { secret, value: Buffer.from('geheim'), flags: 0 });
    expect((await call('SECRET_GET_VALUE', { secret, flags: 0 })).value.toString()).toBe('geheim');
    expect((await call('CONNECT_LIST_ALL_SECRETS', { need_results: 1, flags: 0 })).secrets).toEqual([secret]);
    await call('SECRET_UNDEFINE', { secret });
    expect(await changed.first(() => true)).toEqual({ secret });
    await lifecycle.first(({ event }) => event === 1);
    for (const end of ends) await end();
  });
});

describe('network filters', () => {
  it('are defined and found', async () => {
    const xml = "<filter name='nl-filter' chain='root'><rule action='drop' direction='in'><all/></rule></filter>";
    const { nwfilter } = await call('NWFILTER_DEFINE_XML', { xml });
    expect((await call('NWFILTER_LOOKUP_BY_NAME', { name: 'nl-filter' })).nwfilter).toEqual(nwfilter);
    expect((await call('NWFILTER_GET_XML_DESC', { nwfilter, flags: 0 })).xml).toContain("action='drop'");
    const { filters } = await call('CONNECT_LIST_ALL_NWFILTERS', { need_results: 1, flags: 0 });
    expect(filters).toContainEqual(nwfilter);
    expect((await call('CONNECT_LIST_ALL_NWFILTER_BINDINGS', { need_results: 1, flags: 0 })).bindings).toEqual([]);
    await call('NWFILTER_UNDEFINE', { nwfilter });
  });
});

describe('saving and restoring', () => {
  it('takes its time without holding up other calls', async () => {
    const { connection, libvirtd } = given();
    const other = await connect(libvirtd.uri());
    const events = new Heard<DomainEventOf<'LIFECYCLE'>>();
    const end = await connection.onDomainEvent('LIFECYCLE', events.listener, dom);
    const saving = call('DOMAIN_MANAGED_SAVE', { dom, flags: 0 }, { timeout: 60_000 });
    expect((await other.call('CONNECT_GET_HOSTNAME', {})).hostname).not.toBe('');
    await saving;
    expect(await call('DOMAIN_HAS_MANAGED_SAVE_IMAGE', { dom, flags: 0 })).toEqual({ result: 1 });
    await call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags: 0 }, { timeout: 60_000 });
    await call('DOMAIN_DESTROY_FLAGS', { dom, flags: 0 });
    const { STOPPED, STARTED } = DomainEventLifecycle;
    // The last event may come after the reply of the call that caused it.
    await vi.waitFor(() => {
      const told = events.all.filter(({ event }) => event === STOPPED || event === STARTED);
      expect(told.map(({ event, detail }) => [event, detail])).toEqual([
        [STOPPED, 4],
        [STARTED, 2],
        [STOPPED, 1],
      ]);
    });
    await end();
    await other.close();
  });
});
