import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { type EmulatedPool, emulatedPool } from '../../testing/emulated-pool.js';
import { target } from '../operations.js';
import type { OperationOf } from '../rule.js';

let pool: EmulatedPool;
let vm: Ref<'VM'>;
let vdi: Ref<'VDI'>;
let vbd: Ref<'VBD'>;
beforeEach(async () => {
  pool = await emulatedPool();
  vm = await pool.createVm();
  vdi = await pool.createDisk(vm, '0');
  [vbd = '' as Ref<'VBD'>] = pool.api.db.get('VDI', vdi).VBDs;
});
afterEach(() => pool.close());

function refusal(check: () => void): readonly string[] | undefined {
  try {
    check();
    return undefined;
  } catch (thrown) {
    return (thrown as { description: readonly string[] }).description;
  }
}

function disk(operation: OperationOf<'VDI'>, patch: Partial<Fields<'VDI'>> = {}): readonly string[] | undefined {
  pool.api.db.set('VDI', vdi, patch);
  return refusal(() => pool.api.operations.assert(target('VDI', vdi, operation)));
}

test('a disk in use: what goes on, what waits, what is refused', () => {
  const { db } = pool.api;
  db.set('VBD', vbd, { currently_attached: true });
  expect(disk('snapshot')).toBeUndefined();
  expect(disk('clone')).toBeUndefined();
  expect(disk('copy')).toEqual(['VDI_IN_USE', vdi, 'copy']);
  expect(disk('resize')).toEqual(['VDI_IN_USE', vdi, 'resize']);
  expect(db.get('VDI', vdi).allowed_operations).toEqual(['clone', 'resize_online', 'snapshot']);
  db.set('VBD', vbd, { mode: 'RO' });
  expect(disk('copy')).toBeUndefined();
  db.set('VBD', vbd, { currently_attached: false, current_operations: new Map([['task', 'plug']]) });
  expect(disk('destroy')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VDI', vdi, 'plug', 'task']);
});

test('one thing at a time with a disk, only that a copy stops nothing and a move lets the old place go', () => {
  const busy = (operation: OperationOf<'VDI'>) => ({ current_operations: new Map([['task', operation]]) });
  expect(disk('clone', busy('resize'))).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VDI', vdi, 'resize', 'task']);
  expect(disk('clone', busy('copy'))).toBeUndefined();
  expect(disk('snapshot', busy('copy'))?.[0]).toBe('OPERATION_NOT_ALLOWED');
  expect(disk('destroy', busy('mirror'))).toBeUndefined();
  expect(disk('clone', busy('mirror'))?.[0]).toBe('OTHER_OPERATION_IN_PROGRESS');
});

test('features, kinds and settings of a disk', () => {
  const { db } = pool.api;
  expect(disk('data_destroy')).toEqual(['OPERATION_NOT_ALLOWED', `VDI is not a snapshot: ${vdi}`]);
  expect(disk('data_destroy', { is_a_snapshot: true })).toEqual(['VDI_NO_CBT_METADATA', vdi]);
  expect(disk('mirror', { cbt_enabled: true })).toEqual(['VDI_CBT_ENABLED', vdi]);
  expect(disk('resize', { type: 'cbt_metadata' })).toEqual(['VDI_INCOMPATIBLE_TYPE', vdi, 'cbt_metadata']);
  expect(disk('destroy', { type: 'rrd' })).toEqual(['VDI_HAS_RRDS', vdi]);
  db.set('pool', pool.api.pool, { ha_enabled: true });
  expect(disk('forget', { type: 'redo_log' })).toEqual(['HA_IS_ENABLED']);
  expect(disk('forget', { type: 'user' })).toBeUndefined();
  db.set('pool', pool.api.pool, { other_config: new Map([['rolling_upgrade_in_progress', 'true']]) });
  expect(disk('enable_cbt')).toEqual(['NOT_SUPPORTED_DURING_UPGRADE']);
  db.set('SR', pool.sr, { type: 'unknown' });
  expect(disk('clone')).toEqual(['SR_OPERATION_NOT_SUPPORTED', pool.sr]);
  expect(disk('copy')).toBeUndefined();
});

test('an SR does one thing at a time, only attaching is done by several hosts at once', () => {
  const { db, operations } = pool.api;
  const sr = (operation: OperationOf<'SR'>) => refusal(() => operations.assert(target('SR', pool.sr, operation)));
  db.set('SR', pool.sr, { current_operations: new Map([['task', 'vdi_create']]) });
  expect(sr('scan')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'SR', pool.sr, 'VDI.create', 'task']);
  expect(sr('plug')?.[0]).toBe('OTHER_OPERATION_IN_PROGRESS');
  db.set('SR', pool.sr, { current_operations: new Map([['task', 'plug']]) });
  expect(sr('plug')).toBeUndefined();
  expect(sr('vdi_create')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'SR', pool.sr, 'plug', 'task']);
  db.set('SR', pool.sr, { current_operations: new Map() });
  expect(sr('destroy')).toEqual(['SR_HAS_PBD', pool.sr]);
  for (const pbd of db.get('SR', pool.sr).PBDs) db.set('PBD', pbd, { currently_attached: false });
  expect(sr('destroy')).toEqual(['SR_NOT_EMPTY']);
  db.set('VDI', vdi, { managed: false });
  expect(sr('destroy')).toBeUndefined();
});

test('a drive follows its VM: power, what the VM is about to do, guests without drivers', () => {
  const { db, operations } = pool.api;
  const drive = (operation: OperationOf<'VBD'>) => refusal(() => operations.assert(target('VBD', vbd, operation)));
  expect(drive('unplug')).toEqual(['VM_BAD_POWER_STATE', vm, 'running', 'halted']);
  db.set('VM', vm, { power_state: 'Running', resident_on: pool.host });
  expect(drive('plug')).toEqual(['VM_MISSING_PV_DRIVERS', vm]);
  const metrics = db.create('VM_guest_metrics', { can_use_hotplug_vbd: 'no' });
  db.set('VM', vm, { guest_metrics: metrics });
  expect(drive('plug')?.[0]).toBe('OPERATION_NOT_ALLOWED');
  db.set('VM_guest_metrics', metrics, { can_use_hotplug_vbd: 'yes' });
  expect(drive('plug')).toBeUndefined();
  db.set('VM', vm, { current_operations: new Map([['task', 'suspend']]) });
  expect(drive('plug')).toEqual(['OPERATION_NOT_ALLOWED', `Current operation on VM:${vm} is suspend`]);
  db.set('VM', vm, { current_operations: new Map() });
  db.set('VBD', vbd, { unpluggable: false });
  expect(drive('unplug')).toEqual(['VBD_NOT_UNPLUGGABLE', vbd]);
  db.set('VDI', vdi, { managed: false });
  expect(drive('attach')).toEqual(['VDI_NOT_MANAGED', vbd]);
  db.set('VDI', vdi, { managed: true, current_operations: new Map([['task', 'destroy']]) });
  expect(drive('attach')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VDI', vdi, 'destroy', 'task']);
});
