import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDateTime } from '../../../model/datetime.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { type EmulatedPool, emulatedPool } from '../../testing/emulated-pool.js';
import { runSchedules, tellOfMissedRuns } from '../../world/snapshot-schedules.js';

let f: EmulatedPool;

beforeEach(async () => {
  f = await emulatedPool();
});

afterEach(() => f.close());

function create(fields: Partial<Fields<'VMSS'>> = {}): Promise<Ref<'VMSS'>> {
  const { name_label = 'nightly', name_description = '', enabled = true, type = 'snapshot' } = fields;
  const { retained_snapshots = 2, frequency = 'daily', schedule = new Map([['hour', '1']]) } = fields;
  const given = { name_label, name_description, enabled, type, retained_snapshots, frequency, schedule };
  return f.call('VMSS.create', given);
}

function alerts(): string[] {
  return [...f.api.db.all('message')].map(([, { name }]) => name).filter((name) => name.startsWith('VMSS_'));
}

describe('VMSS', () => {
  it('checks what it is given', async () => {
    await expect(create({ retained_snapshots: 0 })).rejects.toMatchObject({ params: ['retained_snapshots', '0'] });
    await expect(create({ retained_snapshots: 11 })).rejects.toMatchObject({ params: ['retained_snapshots', '11'] });
    await expect(create({ frequency: 'hourly', schedule: new Map([['min', '7']]) })).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      params: ['schedule:min', '7'],
    });
  });

  it('changes its times with its frequency, and key by key', async () => {
    const vmss = await create();
    const times = () => Object.fromEntries(f.api.db.get('VMSS', vmss).schedule);
    expect(times()).toEqual({ hour: '1', min: '0' });
    await f.call('VMSS.set_frequency', vmss, 'hourly');
    expect(times()).toEqual({ min: '0' });
    await f.call('VMSS.set_schedule', vmss, new Map([['min', '30']]));
    expect(times()).toEqual({ min: '30' });
    await f.call('VMSS.remove_from_schedule', vmss, 'min');
    expect(times()).toEqual({});
    await expect(f.call('VMSS.add_to_schedule', vmss, 'min', '31')).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    expect(times()).toEqual({ min: '30' });
  });

  it('goes only without VMs', async () => {
    const vmss = await create();
    const vm = await f.createVm();
    await f.call('VM.set_snapshot_schedule', vm, vmss);
    await expect(f.call('VMSS.destroy', vmss)).rejects.toMatchObject({ code: 'VMSS_HAS_VM' });
    await f.call('VM.set_snapshot_schedule', vm, 'OpaqueRef:NULL');
    await f.call('VMSS.destroy', vmss);
    expect(f.api.db.exists('VMSS', vmss)).toBe(false);
  });

  it('takes snapshots at its time and keeps the latest', async () => {
    const { db } = f.api;
    const vmss = await create();
    const vm = await f.createVm();
    await f.createDisk(vm, '0');
    await f.call('VM.snapshot', vm, 'by hand', []);
    await f.call('VM.set_snapshot_schedule', vm, vmss);
    const vdis = db.table('VDI').rows.size;
    for (const day of [3, 4, 5]) await runSchedules(f.api, new Date(2025, 10, day, 1, 0, 5));
    await runSchedules(f.api, new Date(2025, 10, 6, 2, 0, 5));
    const snapshots = db.get('VM', vm).snapshots.map((ref) => db.get('VM', ref));
    expect(snapshots.filter(({ is_vmss_snapshot: scheduled }) => scheduled)).toHaveLength(2);
    expect(snapshots.filter(({ name_label: name }) => name === 'by hand')).toHaveLength(1);
    expect(db.table('VDI').rows.size).toBe(vdis + 2);
    expect(db.get('VMSS', vmss).last_run_time).toBe(toDateTime(new Date(2025, 10, 5, 1, 0, 5).getTime()));
    expect(alerts()).toEqual(Array(3).fill('VMSS_SNAPSHOT_SUCCEEDED'));
  });

  it('takes snapshots when it is asked to', async () => {
    const vmss = await create();
    const vm = await f.createVm();
    await f.createDisk(vm, '0');
    await f.call('VM.set_snapshot_schedule', vm, vmss);
    await f.call('VMSS.snapshot_now', vmss);
    expect(f.api.db.get('VM', vm).snapshots).toHaveLength(1);
    expect(alerts()).toEqual(['VMSS_SNAPSHOT_SUCCEEDED']);
  });

  it('tells of what went wrong, and of what was missed', async () => {
    const vmss = await create({ type: 'snapshot_with_quiesce' });
    const vm = await f.createVm();
    await f.startVm(vm);
    f.api.db.set('VM', vm, { snapshot_schedule: vmss });
    await expect(f.call('VMSS.snapshot_now', vmss)).rejects.toMatchObject({ code: 'VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED' });
    expect(alerts()).toEqual(['VMSS_SNAPSHOT_FAILED']);
    const when = new Date(2025, 10, 5, 1, 0, 5);
    f.api.db.set('VMSS', vmss, { last_run_time: toDateTime(when.getTime()) });
    tellOfMissedRuns(f.api, new Date(2025, 10, 6, 0, 50));
    expect(alerts()).toHaveLength(1);
    tellOfMissedRuns(f.api, new Date(2025, 10, 6, 1, 20));
    expect(alerts().slice(1)).toEqual(['VMSS_SNAPSHOT_MISSED_EVENT']);
  });
});
