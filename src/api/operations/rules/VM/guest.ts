import type { Database } from '../../../../db/database.js';
import type { ErrorCode } from '../../../../model/error.js';
import type { Fields } from '../../../../model/types.js';
import type { VmFields, VmOperation } from './facts.js';

type GuestMetrics = Fields<'VM_guest_metrics'>;

const MOVING: ReadonlySet<VmOperation> = new Set(['suspend', 'checkpoint', 'pool_migrate', 'migrate_send']);

/** Operations that need the help of the guest. */
const HELPED: ReadonlySet<VmOperation> = new Set([...MOVING, 'clean_shutdown', 'clean_reboot', 'changing_VCPUs_live']);

/** Whether the drivers in the guest have told their version. They then can do everything that features name. */
export function driversKnown(metrics: GuestMetrics | undefined): boolean {
  const version = metrics?.PV_drivers_version;
  return version !== undefined && ['major', 'minor'].every((key) => /^\d+$/.test(version.get(key) ?? ''));
}

/** Why the guest cannot help with an operation: a code, and a parameter after the VM for one of them. */
export function guestRefusal(
  db: Database,
  vm: VmFields,
  operation: VmOperation,
  strict: boolean,
): readonly [ErrorCode, ...string[]] | undefined {
  const live = vm.power_state === 'Running' || vm.power_state === 'Paused';
  if (!live || !HELPED.has(operation)) return undefined;
  const metrics = db.find('VM_guest_metrics', vm.guest_metrics)?.fields;
  const moving = MOVING.has(operation);
  const reason = moving ? metrics?.other.get('data-cant-suspend-reason') : undefined;
  if (reason !== undefined) return ['VM_NON_SUSPENDABLE', reason];
  if (bootedParavirtual(db, vm) || driversKnown(metrics)) return undefined;
  const has = (feature: string) => metrics?.other.get(feature) === '1';
  if (operation === 'changing_VCPUs_live') return has('feature-vcpu-hotplug') ? undefined : ['VM_LACKS_FEATURE'];
  if (!strict) return undefined;
  const enough = moving
    ? has('feature-suspend')
    : has('feature-shutdown') || has(operation === 'clean_reboot' ? 'feature-reboot' : 'feature-poweroff');
  return enough ? undefined : ['VM_LACKS_FEATURE'];
}

/** Whether the tools in the guest can write out and freeze its file systems. */
export function canQuiesce(db: Database, vm: VmFields): boolean {
  return db.find('VM_guest_metrics', vm.guest_metrics)?.fields.other.get('feature-quiesce') === '1';
}

/** A guest that was booted without full virtualisation knows how to suspend and shut down by itself. */
function bootedParavirtual(db: Database, vm: VmFields): boolean {
  const type = db.find('VM_metrics', vm.metrics)?.fields.current_domain_type;
  return type === 'pv' || type === 'pv_in_pvh' || type === 'pvh';
}
