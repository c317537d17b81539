import { v4 } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NULL_REF, newRef, type Ref } from '../../model/ref.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { recover } from './recover.js';

let f: PoolFixture;
let sr: Ref<'SR'>;
beforeEach(async () => {
  f = await poolFixture({ vms: [vmPlan(v4(), { name: 'one' })] });
  const [found] = f.db.filter('SR', (fields) => fields.name_label === 'NFS');
  if (!found) throw new Error('the SR is not there');
  sr = found[0];
});
afterEach(() => f.close());

function storage() {
  return f.api.hosts.get(f.pool.master).storage;
}

function disk(): Ref<'VDI'> {
  const vbd = f.db
    .get('VM', f.vm('one'))
    .VBDs.map((ref) => f.db.get('VBD', ref))
    .find(({ type }) => type === 'Disk');
  if (!vbd) throw new Error('the VM has no disk');
  return vbd.VDI;
}

it('finds nothing where nothing was cut off', async () => {
  const { generation } = f.db;
  expect(await recover(f.api)).toEqual({ orphans: 0, missing: 0, found: 0 });
  // Taking and giving back the operation on each SR is all that changed.
  const vdi = f.db.table('VDI').rows.get(disk());
  expect(vdi?.modified).toBeLessThanOrEqual(generation);
});

it('marks a VDI whose data is gone, keeps its record, and takes the mark off when it is there again', async () => {
  const { uuid } = f.db.get('SR', sr);
  const vdi = disk();
  const { location, virtual_size } = f.db.get('VDI', vdi);
  await storage().destroyVolume({ sr: uuid, location });
  expect(await recover(f.api)).toMatchObject({ missing: 1 });
  expect(f.db.get('VDI', vdi).missing).toBe(true);
  await storage().createVolume(uuid, {
    uuid: location,
    virtualSize: virtual_size,
    name: '',
    description: '',
    smConfig: new Map(),
  });
  expect(await recover(f.api)).toMatchObject({ missing: 0, found: 0 });
  expect(f.db.get('VDI', vdi).missing).toBe(false);
});

it('makes a VDI of data that no record names', async () => {
  const volume = { uuid: v4(), virtualSize: 2 ** 20, name: 'left over', description: '', smConfig: new Map<string, string>() };
  await storage().createVolume(f.db.get('SR', sr).uuid, volume);
  expect(await recover(f.api)).toMatchObject({ found: 1 });
  expect(f.db.get('VDI', f.db.byUuid('VDI', volume.uuid))).toMatchObject({ name_label: 'left over', SR: sr, managed: true });
});

it('removes what belonged to something that is gone', async () => {
  const vm = f.vm('one');
  const { VBDs, VIFs, metrics } = f.db.get('VM', vm);
  f.db.destroy('VM', vm);
  expect(await recover(f.api)).toMatchObject({ orphans: VBDs.length + VIFs.length + 1 });
  expect(f.db.exists('VM_metrics', metrics)).toBe(false);
  for (const vbd of VBDs) expect(f.db.exists('VBD', vbd)).toBe(false);
});

it('empties a CD drive whose image is gone, and gives a VM the measurements that it lacks', async () => {
  const vm = f.vm('one');
  const cd = f.db.get('VM', vm).VBDs.find((ref) => f.db.get('VBD', ref).type === 'CD');
  f.db.set('VBD', cd ?? '', { VDI: newRef<'VDI'>(), empty: false });
  f.db.set('VM', vm, { metrics: NULL_REF });
  await recover(f.api);
  expect(f.db.get('VBD', cd ?? '')).toMatchObject({ VDI: NULL_REF, empty: true });
  expect(f.db.exists('VM_metrics', f.db.get('VM', vm).metrics)).toBe(true);
});
