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
  const { hosts, withoutTools } = await loadDump(await empty(), dump());
  const { facts } = f.api.hosts.get(f.pool.master);
  expect(hosts[0]).toMatchObject({
    ref: f.pool.master,
    uuid: facts.uuid,
    address: facts.address,
    memory: facts.memoryTotal,
    cpu: { sockets: 1, coresPerSocket: 2, threadsPerCore: 2 },
  });
  const lease = (await f.api.hosts.get(f.pool.master).network.addresses('eth0')).ipv4[0];
  expect(hosts[0]).toMatchObject({ managementDevice: 'eth0', controlDomainMemory: facts.controlDomainMemory });
  expect(hosts[0]?.leases).toMatchObject(new Map([['eth0', lease]]));
  expect(withoutTools).toEqual([]);
  expect(hosts[0]?.cards.map(({ device, carrier }) => [device, carrier])).toEqual([
    ['eth0', true],
    ['eth1', false],
  ]);
});

it('has storage stand in for the SRs, and shows those unplugged that cannot be served', async () => {
  const db = await empty();
  await loadDump(db, dump());
  const named = (name: string) => {
    const [found] = db.filter('SR', (fields) => fields.name_label === name);
    if (!found) throw new Error(`there is no SR ${name}`);
    return found;
  };
  const [sr] = named('NFS');
  const [lost] = named('Local storage');
  const [image, absent] = db.get('SR', sr).VDIs;
  if (!image || !absent) throw new Error('the disks are not there');
  for (const [ref] of [...db.all('SR')]) if (ref !== sr && ref !== lost) db.destroy('SR', ref);
  db.set('SR', sr, { uuid: v4(), type: 'linstor', physical_size: -1 });
  db.set('VDI', image, { location: 'elsewhere.vhd', physical_utilisation: 77, read_only: true });
  db.set('VDI', absent, { missing: true });
  const vm = f.vm('halted');
  db.set('VM', vm, { power_state: 'Suspended', suspend_VDI: image });
  const asked: unknown[] = [];
  const { adoption } = f.emulated;
  await createDumpedStorage(
    db,
    f.pool.hosts,
    {
      sr: (spec, size, host) => {
        asked.push([spec.uuid, spec.type, size, host]);
        return adoption.sr(spec, size, host);
      },
      volume: (uuid, volume) => {
        asked.push([uuid, volume]);
        return adoption.volume(uuid, volume);
      },
    },
    f.api.log,
  );
  // Its uuid is taken already.
  for (const pbd of db.get('SR', lost).PBDs) expect(db.get('PBD', pbd).currently_attached).toBe(false);
  for (const pbd of db.get('SR', sr).PBDs) expect(db.get('PBD', pbd).currently_attached).toBe(true);
  const { uuid } = db.get('SR', sr);
  const memoryOf = { domain: db.get('VM', vm).uuid, memory: db.get('VM', vm).memory_dynamic_max };
  expect(asked).toContainEqual([uuid, 'linstor', 0, undefined]);
  expect(asked).toContainEqual([
    uuid,
    expect.objectContaining({ location: 'elsewhere.vhd', physicalUtilisation: 77, readOnly: true, memoryOf }),
  ]);
  const volumes = await f.api.hosts.get(f.pool.master).storage.scan(uuid);
  expect(volumes.map(({ location }) => location)).toEqual(['elsewhere.vhd']);
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
