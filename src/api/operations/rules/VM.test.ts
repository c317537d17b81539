import { beforeEach, describe, expect, it } from 'vitest';
import { enums } from '../../../../schema/enums.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { smallVm } from '../../testing/emulated-pool.js';
import { type ApiFixture, apiFixture } from '../../testing/fixture.js';
import type { PowerState, VmFields, VmOperation } from './VM/facts.js';
import { vmRefusal } from './VM/refusal.js';
import { vmRules } from './VM.js';

let f: ApiFixture;
let vm: Ref<'VM'>;
beforeEach(async () => {
  f = await apiFixture();
  vm = await f.call('VM.create', smallVm());
});

const set = (fields: Partial<VmFields>) => f.api.db.set('VM', vm, fields);
const fields = () => f.api.db.get('VM', vm);

function error(operation: VmOperation, strict = true): readonly string[] | undefined {
  return vmRefusal(f.api.db, vm, fields(), operation, strict)?.().description;
}

/** A running VM whose guest tells these features. */
function run(other: Record<string, string> = {}): void {
  const guest = f.api.db.create('VM_guest_metrics', { other: new Map(Object.entries(other)) });
  f.api.db.set('VM_metrics', fields().metrics, { current_domain_type: 'hvm' });
  set({ power_state: 'Running', resident_on: f.host, domid: 1, guest_metrics: guest });
}

describe('power states', () => {
  it('decide on what is listed', () => {
    const listed = (state: PowerState) => {
      set({ power_state: state });
      return fields().allowed_operations;
    };
    expect(listed('Paused')).toEqual(['metadata_export', 'hard_reboot', 'hard_shutdown', 'unpause', 'snapshot']);
    expect(listed('Suspended')).toEqual([
      'destroy',
      'metadata_export',
      'export',
      'migrate_send',
      'resume_on',
      'resume',
      'hard_shutdown',
      'checkpoint',
      'snapshot',
    ]);
  });

  it('are named in the error, further ones of control domains too', () => {
    expect(error('hard_shutdown')).toEqual(['VM_BAD_POWER_STATE', vm, 'paused, suspended, running', 'halted']);
    set({ is_control_domain: true, power_state: 'Suspended' });
    expect(error('changing_VCPUs')).toEqual(['VM_BAD_POWER_STATE', vm, 'halted, running', 'suspended']);
  });

  it('let a suspended VM be cloned where the pool or its being a snapshot says so', () => {
    set({ power_state: 'Suspended' });
    expect(error('clone')).toEqual(['VM_BAD_POWER_STATE', vm, 'halted', 'suspended']);
    f.api.db.set('pool', f.api.pool, { other_config: new Map([['allow_clone_suspended_vm', 'true']]) });
    expect(error('clone')).toBeUndefined();
  });
});

describe('kinds', () => {
  it('of templates: what may be done, and the name of what may not', () => {
    set({ is_a_template: true });
    expect(error('start')).toEqual(['VM_IS_TEMPLATE', vm, 'start']);
    expect(error('changing_VCPUs')).toBeUndefined();
    expect(error('destroy')).toBeUndefined();
    set({ other_config: new Map([['default_template', 'True']]) });
    expect(error('destroy')).toEqual(['VM_IS_TEMPLATE', vm, 'destroy']);
    expect(error('migrate_send')).toEqual(['VM_IS_TEMPLATE', vm, 'migrate_send']);
  });

  it('of snapshots, with the names that the original lacks', () => {
    set({ is_a_template: true, is_a_snapshot: true });
    expect(error('changing_memory_limits')).toEqual(['VM_IS_SNAPSHOT', vm, '(unknown operation)']);
    expect(error('assert_operation_valid')).toEqual(['VM_IS_SNAPSHOT', vm, 'assertoperationvalid']);
    expect(error('revert')).toBeUndefined();
  });

  it('of plain VMs', () => {
    expect(error('provision')).toEqual(['PROVISION_ONLY_ALLOWED_ON_TEMPLATE']);
    expect(error('revert')).toEqual(['REVERT_ONLY_ALLOWED_ON_SNAPSHOT']);
  });

  it('of control domains', () => {
    set({ is_control_domain: true, resident_on: f.host });
    expect(error('clone')?.[0]).toBe('OPERATION_NOT_ALLOWED');
    expect(error('destroy')).toBeUndefined();
    f.api.db.set('host', f.host, { control_domain: vm });
    expect(error('destroy')?.[0]).toBe('OPERATION_NOT_ALLOWED');
    expect(error('changing_dynamic_range')).toBeUndefined();
  });
});

describe('operations in progress', () => {
  it('stop others but for those that get along', () => {
    set({ current_operations: new Map([['task', 'clone']]) });
    expect(error('copy')).toBeUndefined();
    expect(error('start')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VM', vm, 'clone', 'task']);
    set({
      current_operations: new Map<string, VmOperation>([
        ['a', 'clone'],
        ['b', 'data_source_op'],
      ]),
    });
    expect(error('copy')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VM', vm, '{clone,data_sources_op}', '{a,b}']);
  });

  it('never stop the power from being turned off, but once', () => {
    run();
    set({ current_operations: new Map([['task', 'clean_shutdown']]) });
    expect(error('hard_shutdown')).toBeUndefined();
    set({ current_operations: new Map([['task', 'hard_shutdown']]) });
    expect(error('hard_shutdown')?.[0]).toBe('OTHER_OPERATION_IN_PROGRESS');
    expect(error('hard_reboot')?.[0]).toBe('OTHER_OPERATION_IN_PROGRESS');
  });

  it('let a VM that moves be shut down, but not when something else goes on as well', () => {
    run({ 'feature-shutdown': '1' });
    set({ current_operations: new Map([['task', 'migrate_send']]) });
    expect(error('clean_shutdown')).toBeUndefined();
    set({
      current_operations: new Map<string, VmOperation>([
        ['a', 'migrate_send'],
        ['b', 'metadata_export'],
      ]),
    });
    expect(error('clean_shutdown')?.[0]).toBe('OTHER_OPERATION_IN_PROGRESS');
  });
});

describe('guests', () => {
  it('must be able to help, each operation in its way', () => {
    run();
    for (const operation of ['suspend', 'pool_migrate', 'clean_shutdown', 'clean_reboot', 'changing_VCPUs_live'] as const)
      expect([operation, error(operation)]).toEqual([operation, ['VM_LACKS_FEATURE', vm]]);
    expect(error('pool_migrate', false)).toBeUndefined();
    expect(error('changing_VCPUs_live', false)).toEqual(['VM_LACKS_FEATURE', vm]);
    expect(error('hard_shutdown')).toBeUndefined();
  });

  it('are looked at again when they tell something', () => {
    run();
    expect(fields().allowed_operations).not.toContain('suspend');
    f.api.db.set('VM_guest_metrics', fields().guest_metrics, { other: new Map([['feature-suspend', '1']]) });
    expect(fields().allowed_operations).toContain('suspend');
    expect(fields().allowed_operations).not.toContain('clean_shutdown');
    f.api.db.set('VM_guest_metrics', fields().guest_metrics, {
      PV_drivers_version: new Map([
        ['major', '8'],
        ['minor', '2'],
      ]),
    });
    expect(fields().allowed_operations).toContain('clean_shutdown');
  });

  it('can forbid to be suspended', () => {
    run({ 'feature-suspend': '1', 'data-cant-suspend-reason': 'busy' });
    expect(error('suspend')).toEqual(['VM_NON_SUSPENDABLE', vm, 'busy']);
  });

  it('without full virtualisation need nothing', () => {
    run();
    f.api.db.set('VM_metrics', fields().metrics, { current_domain_type: 'pvh' });
    expect(error('suspend')).toBeUndefined();
    expect(fields().allowed_operations).toContain('suspend');
  });
});

describe('attachments and memberships', () => {
  it('hold a VM with a USB device, a PCI device, or a disk that resets', () => {
    const { db } = f.api;
    run({ 'feature-suspend': '1' });
    db.create('VUSB', { VM: vm });
    expect(error('snapshot')).toEqual(['VM_HAS_VUSBS', vm]);
    const pci = db.create('PCI', {});
    set({ attached_PCIs: [pci] });
    expect(error('suspend')).toEqual(['VM_HAS_PCI_ATTACHED', vm]);
    const vdi = db.create('VDI', { sm_config: new Map([['on_boot', 'reset']]) });
    db.create('VBD', { VM: vm, VDI: vdi });
    expect(error('suspend')).toEqual(['VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION']);
    expect(error('pool_migrate')).toEqual(['VM_HAS_PCI_ATTACHED', vm]);
    db.set('VDI', vdi, {
      sm_config: new Map([
        ['on_boot', 'reset'],
        ['caching', 'true'],
      ]),
    });
    expect(error('pool_migrate')).toEqual(['VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION']);
  });

  it('pin a VM that is set so, unless it is forced', () => {
    set({ platform: new Map([['nomigrate', 'true']]) });
    run({ 'feature-suspend': '1' });
    // What counts is how it was booted.
    expect(error('pool_migrate')).toBeUndefined();
    f.api.db.set('VM_metrics', fields().metrics, { nomigrate: true });
    expect(error('pool_migrate')).toEqual(['VM_IS_IMMOBILE', vm]);
    expect(error('pool_migrate', false)).toBeUndefined();
    f.api.db.set('VM_metrics', fields().metrics, { nested_virt: true });
    expect(error('changing_dynamic_range')).toEqual(['VM_IS_USING_NESTED_VIRT', vm]);
  });

  it('keep a VM from becoming a template', () => {
    const schedule = f.api.db.create('VMSS', {});
    set({ snapshot_schedule: schedule });
    expect(error('make_into_template')).toEqual(['VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE', vm, schedule]);
  });

  it('allow little while the pool is upgraded', () => {
    f.api.db.set('pool', f.api.pool, { other_config: new Map([['rolling_upgrade_in_progress', 'true']]) });
    expect(error('snapshot')).toEqual(['NOT_SUPPORTED_DURING_UPGRADE']);
    expect(error('start')).toBeUndefined();
  });
});

describe('the table', () => {
  it('answers for every operation, listed or not', () => {
    for (const operation of enums.vm_operations) {
      const answer = vmRules.check(f.api.db, vm, fields(), operation, true);
      expect(answer === undefined || answer instanceof ApiError).toBe(true);
      expect(vmRules.check(f.api.db, vm, fields(), operation, false) === undefined).toBe(answer === undefined);
    }
    expect(new Set(vmRules.advertised).size).toBe(vmRules.advertised.length);
  });
});
