import type { Database } from '../../../../db/database.js';
import { isNullRef } from '../../../../model/ref.js';
import type { Influence, OperableClass } from '../../rule.js';
import type { VmFields } from './facts.js';

type Owned = 'metrics' | 'guest_metrics';

/**
 * Metrics know nothing of their VM, and looking through all VMs at each change would cost more the more there are. The
 * index is made once; from then on every VM that gets other metrics passes by here (see the rules of VM).
 */
const owners = new WeakMap<Database, Map<string, string>>();

function ownersIn(db: Database): Map<string, string> {
  const known = owners.get(db);
  if (known) return known;
  const index = new Map<string, string>();
  owners.set(db, index);
  for (const [vm, fields] of db.all('VM')) noteMetricsOwner(db, vm, fields);
  return index;
}

/** Remembers whose metrics these are. */
export function noteMetricsOwner(db: Database, vm: string, { metrics, guest_metrics: guest }: VmFields): void {
  if (!db.exists('VM', vm)) return;
  const index = ownersIn(db);
  for (const ref of [metrics, guest]) if (!isNullRef(ref)) index.set(ref, vm);
}

/** The VM of some metrics. Metrics that are new in this transaction have none yet; their VM is looked at in its own right. */
function ownerOf(db: Database, field: Owned, ref: string): string | undefined {
  const index = ownersIn(db);
  const owner = index.get(ref);
  if (owner === undefined || db.find('VM', owner)?.fields[field] === ref) return owner;
  index.delete(ref);
  return undefined;
}

/** A VM with everything that is plugged into it. */
export function* vmWithDevices(db: Database, ref: string): Generator<readonly [OperableClass, string]> {
  const vm = db.find('VM', ref)?.fields;
  if (!vm) return;
  yield ['VM', ref];
  yield* devicesOf(vm);
}

/** Devices whose operations depend on their VM's state. */
export function* devicesOf(vm: VmFields): Generator<readonly [OperableClass, string]> {
  for (const vbd of vm.VBDs) yield ['VBD', vbd];
  for (const vif of vm.VIFs) yield ['VIF', vif];
  for (const vusb of vm.VUSBs) yield ['VUSB', vusb];
}

/** What the guest's tools tell decides on shutting down, suspending and plugging. */
export const guestMetricsInfluence: Influence<'VM_guest_metrics'> = {
  className: 'VM_guest_metrics',
  inputs: ['other', 'PV_drivers_version', 'PV_drivers_detected', 'can_use_hotplug_vbd', 'can_use_hotplug_vif'],
  *dependents(db, ref) {
    const owner = ownerOf(db, 'guest_metrics', ref);
    if (owner !== undefined) yield* vmWithDevices(db, owner);
  },
};

/** How a VM was booted decides on moving it. */
export const metricsInfluence: Influence<'VM_metrics'> = {
  className: 'VM_metrics',
  inputs: ['current_domain_type', 'nested_virt', 'nomigrate'],
  *dependents(db, ref) {
    const owner = ownerOf(db, 'metrics', ref);
    if (owner !== undefined) yield* vmWithDevices(db, owner);
  },
};
