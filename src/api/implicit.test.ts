import { expect, it } from 'vitest';
import { apiFixture } from './testing/fixture.js';

it('keeps the empty text as a null reference', async () => {
  const f = await apiFixture();
  const vm = f.api.db.create('VM', { affinity: f.host });
  const appliance = f.api.db.create('VM_appliance', {});
  f.api.db.set('VM', vm, { appliance });
  await f.call('VM.set_affinity', vm, '');
  await f.call('VM.set_appliance', vm, '');
  await f.call('pool.set_default_SR', f.api.pool, '');
  expect(f.api.db.get('VM', vm)).toMatchObject({ affinity: 'OpaqueRef:NULL', appliance: 'OpaqueRef:NULL' });
  expect(f.api.db.get('pool', f.api.pool).default_SR).toBe('OpaqueRef:NULL');
  expect(f.api.db.get('VM_appliance', appliance).VMs).toEqual([]);
});
