import type { GuestState } from '../../host/compute.js';
import { toDateTime } from '../../model/datetime.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/** Writes what the tools in a guest tell into VM_guest_metrics; makes the record when they tell something for the first time. */
export function writeGuest({ db }: Api, vm: Ref<'VM'>, guest: GuestState): void {
  const known = guest.driversVersion.size > 0;
  const fields = {
    os_version: guest.osVersion,
    PV_drivers_version: guest.driversVersion,
    PV_drivers_up_to_date: known,
    PV_drivers_detected: known,
    networks: guest.networks,
    other: guest.other,
    live: true,
    can_use_hotplug_vbd: guest.canHotplugDisks ? 'yes' : 'no',
    can_use_hotplug_vif: guest.canHotplugNics ? 'yes' : 'no',
  } as const;
  db.transaction(() => {
    const { guest_metrics: metrics } = db.get('VM', vm);
    const before = db.find('VM_guest_metrics', metrics);
    if (before) {
      db.set('VM_guest_metrics', metrics, fields);
      // What tells nothing new is no event.
      if (db.record('VM_guest_metrics', metrics) === before) return;
      db.set('VM_guest_metrics', metrics, { last_updated: toDateTime() });
    } else db.set('VM', vm, { guest_metrics: db.create('VM_guest_metrics', { ...fields, last_updated: toDateTime() }) });
  });
}

/** Removes what the tools told: the domain is gone, or they fell silent. */
export function dropGuest({ db }: Api, vm: Ref<'VM'>): void {
  db.transaction(() => {
    const { guest_metrics: metrics } = db.get('VM', vm);
    if (isNullRef(metrics)) return;
    db.set('VM', vm, { guest_metrics: NULL_REF });
    if (db.exists('VM_guest_metrics', metrics)) db.destroy('VM_guest_metrics', metrics);
  });
}
