import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../model/error.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { ConstructorArguments, Fields } from '../../../model/types.js';
import { maskOfRoles } from '../../roles.js';
import { smallVm } from '../../testing/emulated-pool.js';
import { type ApiFixture, apiFixture } from '../../testing/fixture.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const HALTED_OPERATIONS = [
  'create_vtpm',
  'destroy',
  'metadata_export',
  'export',
  'make_into_template',
  'changing_NVRAM',
  'changing_shadow_memory',
  'changing_static_range',
  'changing_dynamic_range',
  'migrate_send',
  'start_on',
  'start',
  'copy',
  'clone',
  'snapshot',
];
const TEMPLATE_OPERATIONS = [
  'destroy',
  'metadata_export',
  'export',
  'changing_NVRAM',
  'changing_shadow_memory',
  'changing_static_range',
  'changing_dynamic_range',
  'migrate_send',
  'provision',
  'copy',
  'clone',
];

let f: ApiFixture;
beforeEach(async () => {
  f = await apiFixture();
});

const make = (fields?: Partial<ConstructorArguments<'VM'>>) => f.call<Ref<'VM'>>('VM.create', smallVm(fields));
const fields = (vm: Ref<'VM'>): Fields<'VM'> => f.api.db.get('VM', vm);

async function failure(work: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof ApiError)) throw new Error(`expected an error of the API, got ${String(thrown)}`);
  return thrown.description;
}

describe('VM.create', () => {
  it('fills in what follows from the rest', async () => {
    const vm = fields(await make());
    expect(vm).toMatchObject({ power_state: 'Halted', domid: -1, domain_type: 'hvm', hardware_platform_version: 2 });
    expect(vm.allowed_operations).toEqual(HALTED_OPERATIONS);
    expect(vm.other_config.get('mac_seed')).toMatch(/^[0-9a-f-]{36}$/);
    expect(f.api.db.get('VM_metrics', vm.metrics)).toMatchObject({
      VCPUs_utilisation: new Map([[0, 0]]),
      current_domain_type: 'unspecified',
    });
    // 1 GiB of guest memory with one CPU: 2 fixed, 9 of shadow memory, 1 for the CPU.
    expect(vm.memory_overhead).toBe(12 * MIB);
  });

  it('keeps a given seed, and derives paravirtual guests from an empty boot policy', async () => {
    const vm = fields(await make({ other_config: new Map([['mac_seed', 'given']]), HVM_boot_policy: '' }));
    expect(vm.other_config).toEqual(new Map([['mac_seed', 'given']]));
    expect(vm.domain_type).toBe('pv');
  });

  it('makes a suspended VM only where all of its saved state is given', async () => {
    const wanted = { power_state: 'Suspended', suspend_VDI: 'OpaqueRef:image' as Ref<'VDI'> } as const;
    const refused = await failure(make({ ...wanted, last_booted_record: 'x' }));
    expect(refused).toEqual(['VM_BAD_POWER_STATE', expect.stringMatching(/^OpaqueRef:/), 'halted', 'suspended']);
    expect(f.api.db.table('VM_metrics').rows.size).toBe(0);
    const vm = await make({ ...wanted, last_booted_record: 'x', last_boot_CPU_flags: new Map([['vendor', 'x']]) });
    expect(fields(vm)).toMatchObject({ power_state: 'Suspended', suspend_VDI: 'OpaqueRef:image' });
  });
});

describe('VM.destroy', () => {
  it('takes along what belongs to the VM and leaves disks, children and snapshots', async () => {
    const { db } = f.api;
    const vm = await make();
    const network = db.create('network', {});
    const vdi = db.create('VDI', {});
    const vbd = db.create('VBD', { VM: vm, VDI: vdi });
    const vif = db.create('VIF', { VM: vm, network, device: '0' });
    const blob = await f.call<Ref<'blob'>>('VM.create_new_blob', vm, 'icon', 'image/png', false);
    const child = await make();
    db.set('VM', child, { parent: vm });
    const { metrics } = fields(vm);
    await f.call('VM.destroy', vm);
    expect([db.exists('VM', vm), db.exists('VBD', vbd), db.exists('VIF', vif), db.exists('VM_metrics', metrics)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(db.exists('blob', blob)).toBe(false);
    expect(db.get('VDI', vdi).VBDs).toEqual([]);
    expect(fields(child).parent).toBe(NULL_REF);
    expect(await failure(f.call('VM.destroy', vm))).toEqual(['HANDLE_INVALID', 'VM', vm]);
  });

  it('refuses a shipped template, and one that only the key says is such', async () => {
    const template = await make({ is_a_template: true });
    await f.call('VM.set_is_default_template', template, true);
    expect(fields(template).other_config.get('default_template')).toBe('true');
    expect(await failure(f.call('VM.destroy', template))).toEqual(['VM_IS_TEMPLATE', template, 'destroy']);
    await f.call('VM.set_is_default_template', template, false);
    await f.call('VM.destroy', template);
    const vm = await make({ other_config: new Map([['default_template', 'true']]) });
    expect(await failure(f.call('VM.destroy', vm))).toEqual(['VM_CANNOT_DELETE_DEFAULT_TEMPLATE']);
  });
});

describe('memory of a halted VM', () => {
  it('is set as a whole, and in order', async () => {
    const vm = await make();
    await f.call('VM.set_memory', vm, 2 * GIB);
    expect(fields(vm)).toMatchObject({
      memory_static_min: GIB / 2,
      memory_dynamic_min: 2 * GIB,
      memory_static_max: 2 * GIB,
      memory_target: 2 * GIB,
    });
    expect(await failure(f.call('VM.set_memory', vm, 1))).toEqual(['MEMORY_CONSTRAINT_VIOLATION_ORDER']);
    await f.call('VM.set_memory_limits', vm, GIB / 4, 4 * GIB, GIB, 2 * GIB);
    await f.call('VM.set_memory_dynamic_min', vm, GIB / 2);
    await f.call('VM.set_memory_static_max', vm, 3 * GIB);
    expect(fields(vm)).toMatchObject({ memory_dynamic_min: GIB / 2, memory_dynamic_max: 2 * GIB, memory_static_max: 3 * GIB });
    expect(await failure(f.call('VM.set_memory_dynamic_max', vm, 5 * GIB))).toEqual(['MEMORY_CONSTRAINT_VIOLATION_ORDER']);
    expect(fields(vm).current_operations.size).toBe(0);
  });

  it('may not move under a guest that runs guests of its own', async () => {
    const vm = await make({ platform: new Map([['nested-virt', 'true']]) });
    f.api.db.destroy('VM_metrics', fields(vm).metrics);
    const range = f.call('VM.set_memory_limits', vm, GIB / 2, 2 * GIB, GIB, 2 * GIB);
    expect(await failure(range)).toEqual(['MEMORY_CONSTRAINT_VIOLATION_MAXPIN', 'nested virt']);
    await f.call('VM.set_memory_limits', vm, GIB / 2, 2 * GIB, 2 * GIB, 2 * GIB);
  });

  it('is the most that fits a total', async () => {
    const vm = await make();
    const most = await f.call<number>('VM.maximise_memory', vm, 4 * GIB, false);
    expect(most % MIB).toBe(0);
    await f.call('VM.set_memory_limits', vm, 0, most, most, most);
    const needed = (size: number) => size + fields(vm).memory_overhead;
    expect(needed(most)).toBeLessThanOrEqual(4 * GIB);
    await f.call('VM.set_memory', vm, most + MIB);
    expect(needed(most + MIB)).toBeGreaterThan(4 * GIB);
    expect(await f.call<number>('VM.maximise_memory', vm, 4 * GIB, true)).toBeLessThan(most);
  });
});

describe('setters with rules', () => {
  it('keep the numbers of CPUs in order', async () => {
    const vm = await make();
    await f.call('VM.set_VCPUs_max', vm, 4);
    await f.call('VM.set_VCPUs_at_startup', vm, 3);
    for (const count of [5, 0, -2])
      expect(await failure(f.call('VM.set_VCPUs_at_startup', vm, count))).toMatchObject([
        'INVALID_VALUE',
        expect.any(String),
        String(count),
      ]);
    expect(await failure(f.call('VM.set_VCPUs_max', vm, 2))).toMatchObject(['INVALID_VALUE', expect.any(String), '2']);
    expect(fields(vm)).toMatchObject({ VCPUs_max: 4, VCPUs_at_startup: 3 });
  });

  it('show a multiplier in the original spelling', async () => {
    const vm = await make();
    await f.call('VM.set_HVM_shadow_multiplier', vm, 2.5);
    expect(await failure(f.call('VM.set_HVM_shadow_multiplier', vm, 0.5))).toEqual(['INVALID_VALUE', 'multiplier', '0.5']);
    expect(await failure(f.call('VM.set_HVM_shadow_multiplier', vm, -1))).toEqual(['INVALID_VALUE', 'multiplier', '-1.']);
    expect(fields(vm).HVM_shadow_multiplier).toBe(2.5);
  });

  it('keep domain type and boot policy in step', async () => {
    const vm = await make();
    await f.call('VM.set_domain_type', vm, 'pvh');
    expect(fields(vm)).toMatchObject({ domain_type: 'pvh', HVM_boot_policy: '' });
    await f.call('VM.set_HVM_boot_policy', vm, 'anything');
    expect(fields(vm)).toMatchObject({ domain_type: 'hvm', HVM_boot_policy: 'anything' });
    expect(await failure(f.call('VM.set_domain_type', vm, 'unspecified'))).toEqual([
      'INVALID_VALUE',
      'domain_type',
      'unspecified',
    ]);
  });

  it('block operations', async () => {
    const vm = await make();
    await f.call('VM.add_to_blocked_operations', vm, 'start', 'no');
    expect(fields(vm).allowed_operations).toEqual(HALTED_OPERATIONS.filter((op) => op !== 'start'));
    expect(await failure(f.call('VM.add_to_blocked_operations', vm, 'start', 'x'))).toEqual([
      'MAP_DUPLICATE_KEY',
      'VM',
      'blocked_operations',
      vm,
      'start',
    ]);
    await f.call('VM.set_blocked_operations', vm, new Map([['destroy', 'keep']]));
    expect(await failure(f.call('VM.destroy', vm))).toEqual(['OPERATION_BLOCKED', vm, 'keep']);
    await f.call('VM.remove_from_blocked_operations', vm, 'destroy');
    expect(fields(vm).allowed_operations).toEqual(HALTED_OPERATIONS);
  });

  it('guard keys of maps that are replaced as a whole', async () => {
    const vm = await make();
    await f.call('VM.add_to_other_config', vm, 'pci', '0/0');
    const operator = f.api.sessions.create({ userName: 'op', superuser: false, host: f.host, roles: maskOfRoles(['vm-admin']) });
    const keep = new Map([...fields(vm).other_config, ['plain', '1']]);
    await f.callAs(operator, 'VM.set_other_config', vm, keep);
    expect(await failure(f.callAs(operator, 'VM.set_other_config', vm, new Map([['pci', '0/1']])))).toMatchObject([
      'RBAC_PERMISSION_DENIED',
      'vm.add_to_other_config/key:pci',
      expect.any(String),
    ]);
    expect(await failure(f.callAs(operator, 'VM.set_other_config', vm, new Map()))).toMatchObject([
      'RBAC_PERMISSION_DENIED',
      'vm.remove_from_other_config/key:pci',
      expect.any(String),
    ]);
  });

  it('set firmware texts once, and only known ones', async () => {
    const vm = await make();
    expect(await failure(f.call('VM.set_bios_strings', vm, new Map([['bios-vendor', 'é']])))).toMatchObject([
      'INVALID_VALUE',
      'bios-vendor',
      expect.any(String),
    ]);
    await f.call('VM.set_bios_strings', vm, new Map([['bios-vendor', 'Acme']]));
    expect(fields(vm).bios_strings.get('bios-vendor')).toBe('Acme');
    expect(fields(vm).bios_strings.get('system-manufacturer')).toBe('Xen');
    expect(await failure(f.call('VM.copy_bios_strings', vm, f.host))).toEqual(['VM_BIOS_STRINGS_ALREADY_SET']);
  });

  it('let HA protect a VM only once it runs', async () => {
    const vm = await make();
    await f.call('VM.set_ha_always_run', vm, true);
    expect(fields(vm)).toMatchObject({ ha_restart_priority: 'restart', ha_always_run: false });
    f.api.db.set('VM', vm, { power_state: 'Running' });
    await f.call('VM.set_ha_restart_priority', vm, 'best-effort');
    await f.call('VM.set_ha_restart_priority', vm, 'restart');
    expect(fields(vm).ha_always_run).toBe(true);
    expect(await failure(f.call('VM.set_ha_restart_priority', vm, 'often'))).toEqual([
      'INVALID_VALUE',
      'ha_restart_priority',
      'often',
    ]);
  });
});

describe('templates', () => {
  it('become VMs and back; a second time is refused', async () => {
    const vm = await make({ is_a_template: true });
    expect(fields(vm).allowed_operations).toEqual(TEMPLATE_OPERATIONS);
    await f.call('VM.set_is_a_template', vm, false);
    await f.call('VM.set_is_a_template', vm, true);
    expect(fields(vm)).toMatchObject({ is_a_template: true, metrics: NULL_REF });
    expect(fields(vm).allowed_operations).toEqual(TEMPLATE_OPERATIONS);
    expect(await failure(f.call('VM.set_is_a_template', vm, true))).toEqual(['VM_IS_TEMPLATE', vm, 'make_into_template']);
    await f.call('VM.set_is_a_template', vm, false);
    expect(f.api.db.get('VM_metrics', fields(vm).metrics).install_time).not.toBe('19700101T00:00:00Z');
  });

  it('are not made of VMs that a plan saves or starts', async () => {
    const vm = await make();
    const appliance = f.api.db.create('VM_appliance', {});
    await f.call('VM.set_appliance', vm, appliance);
    expect(await failure(f.call('VM.set_is_a_template', vm, true))).toEqual(['VM_IS_PART_OF_AN_APPLIANCE', vm, appliance]);
    expect(fields(vm).allowed_operations).not.toContain('make_into_template');
  });
});

describe('VTPM', () => {
  it('is one per VM, with a state of its own that a copy shares unless it is unique', async () => {
    const { db, pool } = f.api;
    const vm = await make();
    expect(await failure(f.call('VTPM.create', vm, false))).toEqual(['FEATURE_RESTRICTED', 'restrict_vtpm']);
    db.set('pool', pool, { restrictions: new Map([['restrict_vtpm', 'false']]) });
    const vtpm = await f.call<Ref<'VTPM'>>('VTPM.create', vm, false);
    expect(db.get('VTPM', vtpm).allowed_operations).toEqual(['destroy']);
    await f.call('VTPM.set_contents', vtpm, 'c3RhdGU=');
    expect(await failure(f.call('VTPM.set_contents', vtpm, 'not base64!'))).toMatchObject(['INTERNAL_ERROR', expect.any(String)]);
    expect(await failure(f.call('VTPM.create', vm, false))).toEqual(['VTPM_MAX_AMOUNT_REACHED', '1']);
    const copy = await f.call<Ref<'VM'>>('VM.clone', vm, 'copy');
    const [copied] = fields(copy).VTPMs;
    expect(copied && (await f.call('VTPM.get_contents', copied))).toBe('c3RhdGU=');
    db.set('VM', vm, { power_state: 'Running' });
    expect(db.get('VTPM', vtpm).allowed_operations).toEqual([]);
    expect(await failure(f.call('VTPM.destroy', vtpm))).toEqual(['VM_BAD_POWER_STATE', vm, 'halted;suspended', 'running']);
    db.set('VM', vm, { power_state: 'Halted' });
    await f.call('VM.destroy', vm);
    expect([db.table('VTPM').rows.size, db.table('secret').rows.size]).toEqual([1, 1]);
  });
});
