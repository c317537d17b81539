import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatedPool, emulatedPool } from '../../../api/testing/emulated-pool.js';
import { asRef, NULL_REF } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { recordClass } from '../classes.js';
import { targetOfRef } from '../targets.js';

let pool: EmulatedPool;
let api: ApiClient;

beforeAll(async () => {
  pool = await emulatedPool();
  api = fixtureApi(pool.api);
});

afterAll(() => pool.close());

async function shown(className: string, ref: string, ...names: string[]): Promise<string[]> {
  const one = recordClass(className);
  const target = targetOfRef(api, one, asRef(ref));
  return Promise.all(names.map((name) => one.fields.find((field) => field.name === name)?.show(target) ?? `no ${name}`));
}

describe('a drive', () => {
  it('shows its disk, or that it is empty', async () => {
    const vm = await pool.createVm();
    const vdi = await pool.createDisk(vm, '0');
    const [disk] = api.record('VM', vm).fields.VBDs;
    expect(await shown('vbd', disk ?? '', 'vdi-uuid', 'vdi-name-label', 'attachable', 'mode', 'type')).toEqual([
      api.uuid('VDI', vdi),
      'disk 0',
      'true',
      'RW',
      'Disk',
    ]);
    const tray = pool.api.db.create('VBD', { VM: vm, VDI: NULL_REF, empty: true, type: 'CD', mode: 'RO' });
    expect(await shown('vbd', tray, 'vdi-uuid', 'vdi-name-label')).toEqual(['<not in database>', '<EMPTY>']);
  });

  it('tells why it could not be attached', async () => {
    const vm = await pool.createVm();
    const vdi = await pool.createDisk(vm, '0');
    await pool.startVm(vm);
    const other = await pool.createVm();
    const vbd = pool.api.db.create('VBD', { VM: other, VDI: vdi, mode: 'RW', type: 'Disk', userdevice: '0' });
    expect(await shown('vbd', vbd, 'attachable')).toEqual([
      expect.stringMatching(/^false \(error: Server_error\([A-Z_]+, \[ .* \]\)\)$/),
    ]);
  });

  it('whose VM does not run has no rates', async () => {
    const vm = await pool.createVm();
    await pool.createDisk(vm, '0');
    const [vbd] = api.record('VM', vm).fields.VBDs;
    expect(await shown('vbd', vbd ?? '', 'io_read_kbs', 'io_write_kbs')).toEqual(['<unknown>', '<unknown>']);
  });
});

describe('an SR', () => {
  it('is of a host, shared, or of none', async () => {
    const { db } = pool.api;
    expect(await shown('sr', pool.sr, 'host')).toEqual(['host one']);
    const sr = db.create('SR', {});
    expect(await shown('sr', sr, 'host')).toEqual(['<not in database>']);
    for (const _ of [1, 2]) db.create('PBD', { SR: sr, host: pool.host });
    expect(await shown('sr', sr, 'host')).toEqual(['<shared>']);
  });
});

describe('a network card', () => {
  it('shows speed and duplex as its metrics have them', async () => {
    const { db } = pool.api;
    const bare = db.create('PIF', { host: pool.host, device: 'eth7' });
    expect(await shown('pif', bare, 'speed', 'duplex', 'carrier', 'io_read_kbs')).toEqual([
      '<not in database>',
      '<not in database>',
      '<not in database>',
      '<unknown>',
    ]);
    const metrics = db.create('PIF_metrics', { speed: 1000, duplex: true, carrier: true });
    const pif = db.create('PIF', { host: pool.host, device: 'eth8', metrics });
    expect(await shown('pif', pif, 'speed', 'duplex', 'carrier')).toEqual(['1000 Mbit/s', 'full', 'true']);
    db.set('PIF_metrics', metrics, { duplex: false });
    expect(await shown('pif', pif, 'duplex')).toEqual(['half']);
    db.set('PIF_metrics', metrics, { carrier: false });
    expect(await shown('pif', pif, 'duplex')).toEqual(['unknown']);
  });
});

describe('a pool', () => {
  it('shows what all hosts agree on', async () => {
    const { db } = pool.api;
    db.set('host', pool.host, {
      ssh_enabled: true,
      console_idle_timeout: 60,
      https_only: true,
      ssh_expiry: '20300101T00:00:00Z',
    });
    const names = ['ssh-enabled', 'console-idle-timeout', 'ssh-expiry', 'https-only'];
    expect(await shown('pool', pool.api.pool, ...names)).toEqual(['true', '60', '20300101T00:00:00Z', 'true']);
    const second = db.create('host', { ssh_enabled: false, console_idle_timeout: 60, https_only: false });
    expect(await shown('pool', pool.api.pool, ...names)).toEqual(['<inconsistent>', '60', '<inconsistent>', 'false']);
    db.destroy('host', second);
  });

  it('shows its licence, what it stores on, and whether a controller leads its switches', async () => {
    expect(await shown('pool', pool.api.pool, 'license-state', 'vswitch-controller')).toEqual([
      expect.stringMatching(/^edition: .*; expiry: /),
      '<not set>',
    ]);
    expect((await shown('pool', pool.api.pool, 'supported-sr-types'))[0]?.split('; ')).toContain('ext');
  });

  it('finds its own metadata on a disk', async () => {
    const { db } = pool.api;
    const uuid = api.uuid('pool', pool.api.pool);
    const own = db.create('VDI', { SR: pool.sr, metadata_of_pool: pool.api.pool });
    expect(await shown('vdi', own, 'metadata-of-pool')).toEqual([uuid]);
    const other = await pool.createDisk(await pool.createVm(), '0');
    expect(await shown('vdi', other, 'metadata-of-pool')).toEqual(['<not in database>']);
  });

  it('shows disks of high availability by uuid', async () => {
    const { db } = pool.api;
    const vdi = db.create('VDI', { SR: pool.sr });
    db.set('pool', pool.api.pool, { ha_statefiles: [vdi, 'OpaqueRef:gone'] });
    expect(await shown('pool', pool.api.pool, 'ha-statefiles')).toEqual([`${api.uuid('VDI', vdi)}; <not in database>`]);
  });
});

describe('drivers of a host', () => {
  it('show their variants, and variants their driver', async () => {
    const { db } = pool.api;
    const driver = db.create('Host_driver', { name: 'ice', host: pool.host });
    const variant = (name: string, priority: number, hardware_present: boolean) =>
      db.create('Driver_variant', { name, version: '1.2', status: 'production', priority, hardware_present, driver });
    const old = variant('old', 5, false);
    const fresh = variant('fresh', 12.25, true);
    db.set('Host_driver', driver, { variants: [old, fresh], active_variant: fresh });
    expect(await shown('hostdriver', driver, 'variants', 'variants-dev-status', 'variants-hw-present')).toEqual([
      'fresh/1.2; old/1.2',
      'old=production; fresh=production',
      'fresh',
    ]);
    expect(await shown('hostdriver', driver, 'variants-uuid', 'active-variant', 'selected-variant')).toEqual([
      `old/${api.uuid('Driver_variant', old)}; fresh/${api.uuid('Driver_variant', fresh)}`,
      'fresh',
      '<none>',
    ]);
    const names = ['active', 'selected', 'driver-name', 'host-uuid', 'priority'];
    expect(await shown('hostdriver-variant', fresh, ...names)).toEqual([
      'true',
      'false',
      'ice',
      api.uuid('host', pool.host),
      ' 12.3',
    ]);
    expect(await shown('hostdriver-variant', old, 'active', 'priority')).toEqual(['false', '  5.0']);
  });
});

describe('things of a few classes', () => {
  it('are put together from two fields, shortened, or left as references', async () => {
    const { db } = pool.api;
    const type = db.create('VGPU_type', { max_resolution_x: 1920, max_resolution_y: 1080, model_name: 'big' });
    expect(await shown('vgpu-type', type, 'max-resolution')).toEqual(['1920x1080']);
    const vgpu = db.create('VGPU', { VM: await pool.createVm(), type, compatibility_metadata: new Map([['k', 'äb']]) });
    expect(await shown('vgpu', vgpu, 'compatibility-metadata', 'type-model-name', 'pci')).toEqual([
      'k:(3 bytes)',
      'big',
      '<not in database>',
    ]);
    const limit = db.create('Rate_limit', {});
    const caller = db.create('Caller', { rate_limit: limit });
    db.set('Rate_limit', limit, { callers: [caller] });
    expect(await shown('caller', caller, 'rate-limit')).toEqual([limit]);
    expect(await shown('rate-limit', limit, 'callers')).toEqual([caller]);
  });

  it('name roles of a subject and parts of a device', async () => {
    const { db } = pool.api;
    const roles = ['one-role', 'other-role'].map((name_label) => db.create('role', { name_label }));
    expect(await shown('subject', db.create('subject', { roles }), 'roles')).toEqual(['one-role; other-role']);
    const audio = db.create('PCI', { pci_id: '0000:01:00.1' });
    const card = db.create('PCI', { pci_id: '0000:01:00.0', dependencies: [audio], vendor_name: 'maker' });
    const pgpu = db.create('PGPU', { PCI: card, host: pool.host });
    expect(await shown('pci', card, 'dependencies')).toEqual(['0000:01:00.1']);
    expect(await shown('pgpu', pgpu, 'pci-id', 'vendor-name', 'dependencies', 'gpu-group-name-label')).toEqual([
      '0000:01:00.0',
      'maker',
      '0000:01:00.1',
      '<not in database>',
    ]);
  });

  it('show of a virtual TPM no more than a digest', async () => {
    const vm = await pool.createVm();
    const { db } = pool.api;
    const vtpm = db.create('VTPM', { VM: vm, contents: db.create('secret', { value: 'c3RhdGU=' }) });
    expect(await shown('vtpm', vtpm, 'secret')).toEqual(['MD5=0fb67eb30f1204e54380dd331391b41b size=8 bytes']);
  });

  it('have a host compute what it could give to VMs', async () => {
    const [free] = await shown('host', pool.host, 'memory-free-computed');
    expect(Number(free)).toBeGreaterThan(2 ** 30);
    expect(free).toMatch(/^\d+$/);
  });
});
