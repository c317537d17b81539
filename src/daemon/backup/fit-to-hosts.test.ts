import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmulatedPool, emulatedPool } from '../../api/testing/emulated-pool.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { DumpObject } from '../../wire/database-dump.js';
import { dumpDatabase } from '../dump-database.js';
import { readDatabaseObjects } from './database-objects.js';
import { fitToHosts } from './fit-to-hosts.js';

const OTHER = '11111111-2222-4333-8444-555555555555';

let pool: EmulatedPool;
beforeEach(async () => {
  pool = await emulatedPool();
  const { db } = pool.api;
  const network = db.create('network', { bridge: 'xenbr0' });
  const card = { host: pool.host, network, VLAN: -1, physical: true };
  db.create('PIF', { ...card, device: 'eth0', MAC: '02:00:00:00:00:01', management: true });
  db.create('PIF', { ...card, device: 'eth1', MAC: '02:00:00:00:00:02' });
});
afterEach(() => pool.close());

async function dump(spoil = (text: string) => text): Promise<readonly DumpObject[]> {
  const text = spoil([...dumpDatabase(pool.api.db)].join(''));
  return readDatabaseObjects(
    (async function* () {
      yield Buffer.from(text);
    })(),
  );
}

const fitted = (objects: readonly DumpObject[]) => fitToHosts(pool.api.db, pool.host, objects);
const fieldsOf = (objects: readonly DumpObject[], ref: string) => objects.find((one) => one.ref === ref)?.fields;

it('leaves a dump of the pool as it is', async () => {
  const before = await dump();
  expect(fitted(before)).toEqual(before);
});

it('makes the master of another machine this host, with the cards that this one has', async () => {
  const { db } = pool.api;
  const { uuid } = db.get('host', pool.host);
  const [pif] = db.get('host', pool.host).PIFs;
  const objects = await dump((text) => text.replaceAll(uuid, OTHER).replace('02:00:00:00:00:01', '02:00:00:00:99:99'));
  expect(fieldsOf(objects, pool.host)?.get('uuid')).toBe(OTHER);
  const fits = fitted(objects);
  expect(fieldsOf(fits, pool.host)?.get('uuid')).toBe(uuid);
  expect(fieldsOf(fits, pif ?? '')?.get('MAC')).toBe('02:00:00:00:00:01');
  expect(fieldsOf(fits, pif ?? '')?.get('management')).toBe(true);
});

it('forgets other hosts with what belongs to them; VMs that ran there are off', async () => {
  const { db } = pool.api;
  const other = db.create('host', { uuid: OTHER, name_label: 'other' });
  const pbd = db.create('PBD', { host: other, SR: pool.sr });
  const domain = db.create('VM', { resident_on: other, is_control_domain: true, domid: 0, power_state: 'Running' });
  const vm = await pool.createVm();
  db.set('VM', vm, { resident_on: other, affinity: other, domid: 7, power_state: 'Running' });
  const objects = await dump();
  db.destroy('host', other);
  const fits = fitted(objects);
  for (const gone of [other, pbd, domain] as Ref<'host' | 'PBD' | 'VM'>[]) expect(fieldsOf(fits, gone)).toBeUndefined();
  expect(Object.fromEntries(fieldsOf(fits, vm) ?? [])).toMatchObject({
    resident_on: NULL_REF,
    affinity: NULL_REF,
    domid: -1,
    power_state: 'Halted',
  });
});

it.each([
  ['RESTORE_TARGET_MISSING_DEVICE', 'device="eth1"', 'device="eth7"', ['eth7']],
  ['RESTORE_TARGET_MGMT_IF_NOT_IN_BACKUP', ' device="eth0"', ' device="eth1"', []],
])('refuses with %s cards that do not fit', async (code, from, to, params) => {
  const objects = await dump((text) => text.replace(from, to));
  expect(() => fitted(objects)).toThrow(expect.objectContaining({ code, params }));
});
