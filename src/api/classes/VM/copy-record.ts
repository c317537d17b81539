import { v4 } from 'uuid';
import type { Database, Patch } from '../../../db/database.js';
import { NEVER, toDateTime } from '../../../model/datetime.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { EnumValue, FieldName, Fields } from '../../../model/types.js';
import { freshGenerationId } from './generation-id.js';
import { settingsText } from './settings-text.js';

/** How a VM is copied: the two latter make snapshots. */
export type CopyKind = 'clone' | 'copy' | 'snapshot' | 'checkpoint';

/** What a copy is to be. */
export interface CopyPlan {
  readonly kind: CopyKind;
  readonly name: string;
  readonly powerState: EnumValue<'vm_power_state'>;
  /** Saved memory of the copy, or null. */
  readonly image: Ref<'VDI'>;
  /** Taken by a schedule. */
  readonly scheduled?: boolean;
}

/** Settings that a copy takes over as they are. */
const COPIED = [
  'name_description',
  'user_version',
  'affinity',
  'memory_overhead',
  'memory_target',
  'memory_static_max',
  'memory_dynamic_max',
  'memory_dynamic_min',
  'memory_static_min',
  'VCPUs_params',
  'VCPUs_max',
  'VCPUs_at_startup',
  'actions_after_softreboot',
  'actions_after_shutdown',
  'actions_after_reboot',
  'actions_after_crash',
  'PV_bootloader',
  'PV_kernel',
  'PV_ramdisk',
  'PV_args',
  'PV_bootloader_args',
  'PV_legacy_args',
  'HVM_boot_policy',
  'HVM_boot_params',
  'HVM_shadow_multiplier',
  'platform',
  'PCI_bus',
  'last_boot_CPU_flags',
  'is_control_domain',
  'last_booted_record',
  'recommendations',
  'xenstore_data',
  'ha_restart_priority',
  'tags',
  'bios_strings',
  'hardware_platform_version',
  'has_vendor_device',
  'reference_label',
  'domain_type',
  'NVRAM',
  'secureboot_certificates_state',
] as const satisfies readonly FieldName<'VM'>[];

/** The record of a copy, without devices. Belongs into the transaction that makes these. */
export function copyRecord(db: Database, self: Ref<'VM'>, plan: CopyPlan): Ref<'VM'> {
  const vm = db.get('VM', self);
  const isSnapshot = plan.kind === 'snapshot' || plan.kind === 'checkpoint';
  const fields: Record<string, unknown> = {};
  for (const name of COPIED) fields[name] = vm[name];
  const copy = db.create('VM', {
    ...(fields as Patch<'VM'>),
    name_label: plan.name,
    power_state: plan.powerState,
    suspend_VDI: plan.image,
    is_a_template: isSnapshot || vm.is_a_template,
    other_config: copiedConfig(vm, isSnapshot),
    generation_id: freshGenerationId(vm.generation_id),
    domid: -1,
    metrics: copyMetrics(db, vm),
    guest_metrics: copyGuestMetrics(db, vm),
    ...(isSnapshot ? snapshotFields(self, vm, plan) : { snapshot_of: NULL_REF, parent: NULL_REF }),
  });
  if (isSnapshot) db.set('VM', self, { parent: copy });
  return copy;
}

function snapshotFields(self: Ref<'VM'>, vm: Fields<'VM'>, plan: CopyPlan): Patch<'VM'> {
  return {
    is_a_snapshot: true,
    snapshot_of: self,
    snapshot_time: toDateTime(),
    snapshot_info: new Map([
      ['disk-snapshot-type', 'crash_consistent'],
      ['power-state-at-snapshot', vm.power_state],
    ]),
    snapshot_metadata: settingsText(vm),
    is_vmss_snapshot: plan.scheduled ?? false,
    parent: vm.parent,
  };
}

/** A copy is no shipped template, and its network cards get addresses of their own; a snapshot keeps those of its VM. */
function copiedConfig(vm: Fields<'VM'>, isSnapshot: boolean): ReadonlyMap<string, string> {
  const config = new Map(vm.other_config);
  config.delete('default_template');
  config.delete('xensource_internal');
  if (!isSnapshot) config.set('mac_seed', v4());
  if (vm.is_a_template && !config.has('base_template_name')) config.set('base_template_name', vm.name_label);
  return config;
}

/** Measurements of a copy: those of its origin, or of something that never ran. */
export function copyMetrics(db: Database, vm: Fields<'VM'>): Ref<'VM_metrics'> {
  const { uuid: _, ...metrics } = db.find('VM_metrics', vm.metrics)?.fields ?? { uuid: '', install_time: NEVER };
  return db.create('VM_metrics', metrics);
}

/** What the tools in the origin told, for the copy; null where they told nothing. */
export function copyGuestMetrics(db: Database, vm: Fields<'VM'>): Ref<'VM_guest_metrics'> {
  const told = db.find('VM_guest_metrics', vm.guest_metrics)?.fields;
  if (!told) return NULL_REF;
  const { uuid: _, ...rest } = told;
  return db.create('VM_guest_metrics', rest);
}
