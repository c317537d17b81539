import { describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { smallVm } from '../testing/emulated-pool.js';
import { apiFixture } from '../testing/fixture.js';

/** A pool with a card of 100 parts, in a group, that can be whole or in quarters of two kinds. */
async function pool() {
  const fixture = await apiFixture();
  const { api, host, call } = fixture;
  const { db } = api;
  const whole = db.create('VGPU_type', { model_name: 'whole', implementation: 'passthrough', size: 100 });
  const quarter = db.create('VGPU_type', { model_name: 'quarter', implementation: 'nvidia', size: 25 });
  const other = db.create('VGPU_type', { model_name: 'other', implementation: 'nvidia', size: 25 });
  db.set('VGPU_type', quarter, { compatible_types_on_pgpu: [quarter], compatible_types_in_vm: [quarter] });
  const pci = db.create('PCI', { host, vendor_id: '10de', device_id: '1eb8' });
  const group = await call<Ref<'GPU_group'>>('GPU_group.create', 'group', '', new Map());
  const card = db.create('PGPU', {
    PCI: pci,
    host,
    size: 100,
    supported_VGPU_types: [whole, quarter],
    enabled_VGPU_types: [whole, quarter],
  });
  await call('PGPU.set_GPU_group', card, group);
  const vm = await call<Ref<'VM'>>('VM.create', smallVm());
  return { ...fixture, db, whole, quarter, other, pci, group, card, vm };
}

function refusal(...description: string[]) {
  return expect.objectContaining({ description });
}

describe('graphics cards', () => {
  it('give their kind and types to their group', async () => {
    const { db, call, host, whole, quarter, group, card } = await pool();
    expect(db.get('GPU_group', group)).toMatchObject({
      GPU_types: ['10de/1eb8'],
      supported_VGPU_types: [whole, quarter],
      enabled_VGPU_types: [whole, quarter],
    });
    const stranger = db.create('PGPU', { PCI: db.create('PCI', { host, vendor_id: '8086', device_id: '1' }), host });
    await expect(call('PGPU.set_GPU_group', stranger, group)).rejects.toEqual(
      refusal('PGPU_NOT_COMPATIBLE_WITH_GPU_GROUP', '8086/1', '[10de/1eb8]'),
    );
    await call('PGPU.remove_enabled_VGPU_types', card, whole);
    expect(db.get('GPU_group', group).enabled_VGPU_types).toEqual([quarter]);
    await expect(call('GPU_group.destroy', group)).rejects.toEqual(refusal('GPU_GROUP_CONTAINS_PGPU', card));
  });

  it('have room by type, and by what is on them', async () => {
    const { db, call, whole, quarter, other, group, card, vm } = await pool();
    const room = (type: string) => call('GPU_group.get_remaining_capacity', group, type);
    expect([await room(whole), await room(quarter), await room(other)]).toEqual([1, 4, 0]);
    const vgpu = await call<Ref<'VGPU'>>('VGPU.create', vm, group, '0', new Map(), quarter);
    expect(await room(quarter)).toBe(4);
    await call('VGPU.get_record', vgpu);
    db.set('VGPU', vgpu, { resident_on: card });
    expect([await room(whole), await room(quarter)]).toEqual([0, 3]);
    await expect(call('PGPU.set_enabled_VGPU_types', card, [whole])).rejects.toEqual(refusal('PGPU_IN_USE_BY_VM', vm));
    await expect(call('PGPU.add_enabled_VGPU_types', card, other)).rejects.toEqual(
      refusal('VGPU_TYPE_NOT_SUPPORTED', other, whole, quarter),
    );
  });
});

describe('VGPU.create', () => {
  it('finds a free place and refuses types that do not go together', async () => {
    const { db, call, quarter, other, group, vm } = await pool();
    const create = (device: string, type: string) => call<Ref<'VGPU'>>('VGPU.create', vm, group, device, new Map(), type);
    const first = await create('0', quarter);
    const second = await create('0', quarter);
    expect([first, second].map((vgpu) => db.get('VGPU', vgpu).device)).toEqual(['0', '1']);
    await expect(create('1', quarter)).rejects.toEqual(refusal('DEVICE_ALREADY_EXISTS', '1'));
    await expect(create('21', quarter)).rejects.toEqual(refusal('INVALID_DEVICE', '21'));
    await expect(create('0', other)).rejects.toEqual(refusal('VGPU_TYPE_NOT_COMPATIBLE', other));
    await expect(create('0', 'OpaqueRef:none')).rejects.toEqual(refusal('INVALID_VALUE', 'type', 'OpaqueRef:none'));
    db.set('VM', vm, { power_state: 'Running' });
    await expect(create('0', quarter)).rejects.toEqual(refusal('VM_BAD_POWER_STATE', vm, 'halted', 'running'));
    await expect(call('VGPU.destroy', first)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });
});
