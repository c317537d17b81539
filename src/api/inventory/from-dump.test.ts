import { v4 } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../db/database.js';
import { MemoryStore } from '../../db/memory-store.js';
import { openDatabase } from '../../db/open.js';
import { DatabaseDumpReader, type DumpObject } from '../../wire/database-dump.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { createDumpedStorage } from './dumped-storage.js';
import { loadDump } from './from-dump.js';

let f: PoolFixture;
beforeEach(async () => {
  f = await poolFixture({
    hosts: 2,
    vms: [vmPlan(v4(), { name: 'ran', power: 'Running', host: 1 }), vmPlan(v4(), { name: 'halted' })],
  });
});
afterEach(() => f.close());

function empty(): Promise<Database> {
  return openDatabase(new MemoryStore(), (error) => {
    throw error;
  });
}

/** All stored objects of the pool, those that others refer to last. */
function dump(): DumpObject[] {
  const objects: DumpObject[] = [];
  for (const table of f.db.tables()) {
    if (table.model.schema.storage !== 'durable') continue;
    for (const [ref, row] of table.rows)
      objects.push({ className: table.model.name, ref, fields: new Map(Object.entries(row.version.fields)) });
  }
  return objects.reverse();
}

it('takes over every object under its reference, whatever the order', async () => {
  const db = await empty();
  const { master, wanted } = await loadDump(db, dump());
  expect(master).toBe(f.pool.master);
  for (const className of ['host', 'SR', 'VDI', 'VBD', 'network', 'PIF', 'pool', 'role'] as const)
    expect(new Set(db.table(className).rows.keys())).toEqual(new Set(f.db.table(className).rows.keys()));
  const vm = f.vm('halted');
  const { allowed_operations: _now, ...before } = f.db.get('VM', vm);
  const after = db.get('VM', vm);
  expect({ ...after, VBDs: new Set(after.VBDs) }).toMatchObject({ ...before, VBDs: new Set(before.VBDs) });
  expect(new Set(db.get('SR', f.db.get('pool', f.api.pool).default_SR).VDIs).size).toBe(2);
  const ran = f.vm('ran');
  expect(wanted).toEqual([{ vm: ran, host: f.db.get('VM', ran).resident_on, power: 'Running' }]);
  expect(db.get('VM', ran)).toMatchObject({ power_state: 'Halted', domid: -1, consoles: [] });
  const control = db.get('host', master).control_domain;
  expect(db.get('host', master).resident_VMs).toEqual([control]);
});

it('tells what the hosts behind it must be like', async () => {
  const { hosts } = await loadDump(await empty(), dump());
  const { facts } = f.api.hosts.get(f.pool.master);
  expect(hosts[0]).toMatchObject({
    ref: f.pool.master,
    uuid: facts.uuid,
    address: facts.address,
    memory: facts.memoryTotal,
    cpu: { sockets: 1, coresPerSocket: 2, threadsPerCore: 2 },
  });
  expect(hosts[0]?.cards.map(({ device, carrier }) => [device, carrier])).toEqual([
    ['eth0', true],
    ['eth1', false],
  ]);
});

it('makes empty disks for the VDIs, and shows SRs unplugged that cannot be served', async () => {
  const db = await empty();
  const objects = dump();
  await loadDump(db, objects);
  const [sr] = db.filter('SR', (fields) => fields.name_label === 'NFS');
  const [lost] = db.filter('SR', (fields) => fields.name_label === 'Local storage');
  if (!sr || !lost) throw new Error('the SRs are not there');
  db.set('SR', lost[0], { type: 'linstor' });
  db.set('SR', sr[0], { uuid: v4() });
  for (const [ref] of [...db.all('SR')]) if (ref !== sr[0] && ref !== lost[0]) db.destroy('SR', ref);
  for (const vdi of db.get('SR', sr[0]).VDIs) db.set('VDI', vdi, { uuid: v4(), location: 'elsewhere.vhd' });
  for (const pbd of db.get('SR', sr[0]).PBDs)
    db.set('PBD', pbd, { device_config: new Map([...db.get('PBD', pbd).device_config, ['serverpath', '/export/dumped']]) });
  await createDumpedStorage(db, f.pool.hosts, f.api.log);
  for (const pbd of db.get('SR', lost[0]).PBDs) expect(db.get('PBD', pbd).currently_attached).toBe(false);
  const volumes = await f.api.hosts.get(f.pool.master).storage.scan(db.get('SR', sr[0]).uuid);
  const records = db.get('SR', sr[0]).VDIs.map((vdi) => db.get('VDI', vdi));
  expect(new Set(volumes.map(({ location }) => location))).toEqual(new Set(records.map(({ location }) => location)));
  expect(records.every(({ missing }) => !missing)).toBe(true);
});

it('refuses a dump without a pool', async () => {
  await expect(loadDump(await empty(), [])).rejects.toThrow('no pool');
});

it('takes what the reader of dumps gives', async () => {
  const text = `<database><manifest/><table name="host"><row ref="OpaqueRef:h" uuid="${v4()}" name__label="one" resident_VMs="('OpaqueRef:gone')"/></table>
    <table name="pool"><row ref="OpaqueRef:p" uuid="${v4()}" master="OpaqueRef:h"/></table></database>`;
  const db = await empty();
  const { master } = await loadDump(db, new DatabaseDumpReader().read([Buffer.from(text)]));
  expect(db.get('host', master)).toMatchObject({ name_label: 'one', resident_VMs: [] });
});
