import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../config/load-config.js';
import type { Database } from '../db/database.js';
import { MemoryContents, MemoryStore } from '../db/memory-store.js';
import { openDatabase } from '../db/open.js';
import { DatabaseDumpReader, type DumpObject } from '../wire/database-dump.js';
import { dumpDatabase } from './dump-database.js';
import { type EmulatedPool, openEmulatedPool } from './emulated-pool.js';

const GiB = 2 ** 30;
const log = pino({ level: 'silent' });

let dataDir: string;
let contents: MemoryContents;
let open: EmulatedPool[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'daemon-pool-'));
  contents = new MemoryContents();
  open = [];
});
afterEach(async () => {
  for (const { world } of open) await world.close();
  await rm(dataDir, { recursive: true });
});

async function config(plan: unknown, flags: Record<string, unknown> = {}): Promise<Config> {
  const file = join(dataDir, 'plan.json');
  await writeFile(file, JSON.stringify(plan));
  return (await loadConfig({ flags: { dataDir, emulateFile: file, ...flags }, env: {}, defaultFile: '/nonexistent' })).config;
}

async function start(given: Config, dump?: readonly DumpObject[]): Promise<[Database, EmulatedPool]> {
  const db = await openDatabase(new MemoryStore(contents), (error) => {
    throw error;
  });
  const pool = await openEmulatedPool(given, db, dump, log);
  open.push(pool);
  return [db, pool];
}

const PLAN = {
  hosts: [
    { name: 'alpha', memory: '32GiB', nics: 2 },
    { name: 'beta', cpus: 4, nics: 2 },
  ],
  networks: [
    { name: 'LAN', nic: 0 },
    { name: 'DMZ', nic: 1, vlan: 20 },
    { name: 'inside', mtu: 9000 },
  ],
  srs: [
    { name: 'Local storage', type: 'ext', size: '300GiB' },
    { name: 'beta only', type: 'lvm', host: 1, size: '100GiB' },
    { name: 'isos', type: 'iso', images: [{ name: 'debian.iso', size: '600MiB' }] },
  ],
  vms: [
    { count: 3, name: 'web', running: 1, paused: 1, networks: ['DMZ', 'inside'], template: 'debian-12', tools: false },
    { name: 'db', state: 'Suspended', memory: '4GiB', vcpus: 4, disks: [{ size: '10GiB', sr: 'beta only' }, {}], cd: false },
  ],
  'vm-disk': '5GiB',
  seed: 'x',
};

describe('a pool from a plan', () => {
  it('has what the plan says', async () => {
    const [db, pool] = await start(await config(PLAN));
    expect(pool).toMatchObject({ booted: true });
    expect(pool.world.hosts.map(({ facts }) => [facts.name, facts.memoryTotal])).toEqual([
      ['alpha', 32 * GiB],
      ['beta', 64 * GiB],
    ]);
    const networks = new Map([...db.all('network')].map(([, network]) => [network.name_label, network]));
    expect(networks.get('LAN')).toMatchObject({ bridge: 'xenbr0' });
    expect(networks.get('LAN')?.PIFs).toHaveLength(2);
    expect(networks.get('DMZ')?.PIFs.map((pif) => db.get('PIF', pif))).toMatchObject([
      { VLAN: 20, device: 'eth1', device_name: 'eth1.20', currently_attached: true },
      { VLAN: 20, device: 'eth1', device_name: 'eth1.20', currently_attached: true },
    ]);
    expect(networks.get('inside')).toMatchObject({ PIFs: [], MTU: 9000 });

    const srs = new Map([...db.all('SR')].map(([, sr]) => [`${sr.name_label}/${sr.PBDs.length}`, sr]));
    expect(srs.get('beta only/1')).toMatchObject({ type: 'lvm', physical_size: 100 * GiB });
    expect(srs.get('isos/2')?.VDIs.map((vdi) => db.get('VDI', vdi).name_label)).toEqual(['debian.iso']);
    expect([...db.all('SR')].filter(([, sr]) => sr.name_label === 'Local storage')).toHaveLength(2);

    const vms = db.filter('VM', (vm) => !vm.is_a_template && !vm.is_control_domain).map(([, vm]) => vm);
    expect(vms.map(({ name_label }) => name_label)).toEqual(['web-1', 'web-2', 'web-3', 'db']);
    expect(pool.wanted.map(({ vm, power }) => [db.get('VM', vm).name_label, power])).toEqual([
      ['web-1', 'Running'],
      ['web-2', 'Paused'],
      ['db', 'Suspended'],
    ]);
    const [web, , , database] = vms;
    expect(web?.reference_label).toBe('debian-12');
    expect(web?.VIFs.map((vif) => db.get('network', db.get('VIF', vif).network).name_label)).toEqual(['DMZ', 'inside']);
    expect(database).toMatchObject({ memory_dynamic_max: 4 * GiB, VCPUs_max: 4 });
    const disks = database?.VBDs.map((vbd) => db.get('VDI', db.get('VBD', vbd).VDI));
    expect(disks?.map((vdi) => [vdi.virtual_size, db.get('SR', vdi.SR).name_label])).toEqual([
      [10 * GiB, 'beta only'],
      [5 * GiB, 'Local storage'],
    ]);
    // The host that has the disks.
    expect(db.get('host', pool.wanted[2]?.host ?? '').name_label).toBe('beta');
  });

  it('has one card, one disk and one empty CD drive in each VM of the short form', async () => {
    const [db] = await start(await config({}, { emulate: 'hosts=1,vms=3' }));
    const vms = db.filter('VM', (vm) => !vm.is_a_template && !vm.is_control_domain);
    expect(vms).toHaveLength(3);
    for (const [, vm] of vms) {
      const drives = vm.VBDs.map((vbd) => db.get('VBD', vbd));
      expect(drives.map(({ type, userdevice, empty }) => [type, userdevice, empty])).toEqual([
        ['Disk', '0', false],
        ['CD', '3', true],
      ]);
      expect(vm.VIFs).toHaveLength(1);
      expect(vm.platform.size).toBeGreaterThan(5);
      expect(vm.other_config.get('base_template_name')).toBeTruthy();
    }
  });

  it('is the same again from a seed', async () => {
    const uuids = (db: Database) => db.filter('VM', (vm) => vm.name_label.startsWith('web')).map(([, vm]) => vm.uuid);
    const [first] = await start(await config(PLAN));
    for (const { world } of open.splice(0)) await world.close();
    contents = new MemoryContents();
    const [second] = await start(await config(PLAN));
    expect(uuids(second)).toEqual(uuids(first));
    expect(new Set(uuids(second)).size).toBe(3);
  });

  it('goes on to bring its VMs into their states until that is done', async () => {
    const [, first] = await start(await config(PLAN));
    await first.world.close();
    open = [];
    const [, second] = await start(await config({}));
    expect(second.wanted).toEqual(first.wanted);
    second.world.keepUnreached([]);
    await second.world.close();
    open = [];
    expect((await start(await config({})))[1].wanted).toEqual([]);
  });

  it('is continued whatever a plan says by then, and knows that its hosts have not booted', async () => {
    const [first, { world }] = await start(await config(PLAN));
    world.keepUnreached([]);
    await world.close();
    open = [];
    const [second, pool] = await start(await config({ hosts: 5 }));
    expect(pool).toMatchObject({ booted: false, wanted: [] });
    expect([...second.all('VM')].length).toBe([...first.all('VM')].length);
    const [host] = [...second.all('host')];
    second.set('host', host?.[0] ?? '', { other_config: new Map([['boot_time', '1.']]) });
    await pool.world.close();
    open = [];
    expect((await start(await config({})))[1].booted).toBe(true);
  });
});

describe('a pool from a dump', () => {
  async function dumpOf(db: Database): Promise<DumpObject[]> {
    const objects: DumpObject[] = [];
    const text = [...dumpDatabase(db)].map((piece) => Buffer.from(piece));
    for await (const object of new DatabaseDumpReader().read(text)) objects.push(object);
    return objects;
  }

  it('is the pool that was dumped, with its VLANs and disks, whatever the persona', async () => {
    const [first, { world }] = await start(await config(PLAN, { persona: 'xenserver-8' }));
    const dump = await dumpOf(first);
    const addresses = world.hosts.map(({ facts }) => facts.address);
    for (const one of open.splice(0)) await one.world.close();
    contents = new MemoryContents();
    const [second, pool] = await start(await config({}), dump);
    for (const className of ['VM', 'VDI', 'SR', 'PIF', 'network', 'VLAN', 'host'] as const)
      expect(new Set(second.table(className).rows.keys())).toEqual(new Set(first.table(className).rows.keys()));
    expect(pool.world.hosts.map(({ facts }) => facts.address)).toEqual(addresses);
    for (const [ref, { software_version }] of second.all('host'))
      expect(software_version).toEqual(first.get('host', ref).software_version);
    const [sr] = second.filter('SR', ({ name_label }) => name_label === 'beta only');
    const [, beta] = pool.world.hosts;
    expect(await beta?.storage.scan(sr?.[1].uuid ?? '')).toHaveLength(1);
    expect(await beta?.network.addresses('eth1.20')).toMatchObject({ ipv4: [] });

    await pool.world.close();
    open = [];
    const [third, again] = await start(await config({}));
    expect(again.world.origin).toBe('dump');
    expect(again.booted).toBe(false);
    for (const [ref, { software_version }] of third.all('host'))
      expect(software_version).toEqual(first.get('host', ref).software_version);
  });

  it('leaves no hosts behind when it cannot be made', async () => {
    await expect(start(await config({}), [])).rejects.toThrow('no pool');
    expect(await readdir(dataDir)).toEqual(['plan.json']);
  });
});
