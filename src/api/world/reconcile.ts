import type { Host } from '../../host/host.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { domainChange } from './domain-change.js';
import { markHalted } from './domain-records.js';
import { listDomains } from './domain-states.js';
import { isBeingMoved } from './watch-domains.js';

/** Brings all VMs in line with what the hosts say: what runs there wins over what the database says. */
export async function reconcile(api: Api): Promise<void> {
  const { db } = api;
  for (const [ref, host] of api.hosts.entries()) await reconcileHost(api, ref, host);
  db.transaction(() => {
    // A host was chosen for a start or a migration that nobody goes on with.
    for (const [vm] of db.filter('VM', (fields) => !isNullRef(fields.scheduled_to_be_resident_on) && !isBeingMoved(fields)))
      db.set('VM', vm, { scheduled_to_be_resident_on: NULL_REF });
    for (const [vm, fields] of db.filter('VM', (f) => f.power_state === 'Suspended' && !f.is_a_snapshot && !isBeingMoved(f)))
      if (!db.exists('VDI', fields.suspend_VDI)) {
        api.log.warn({ vm: fields.uuid }, 'the memory image of a suspended VM is gone; the VM is halted');
        markHalted(api, vm);
      }
  });
}

/** The same for the VMs of one host. */
export async function reconcileHost(api: Api, ref: Ref<'host'>, host: Host): Promise<void> {
  const { db } = api;
  const states = await listDomains(host);
  const alive = new Set<string>();
  db.transaction(() => {
    for (const state of states) {
      const vm = db.table('VM').refsByUuid.get(state.uuid) as Ref<'VM'> | undefined;
      if (state.power !== 'Halted') alive.add(state.uuid);
      if (vm && isBeingMoved(db.get('VM', vm))) continue;
      domainChange(api, vm, ref, state, 'quiet');
    }
    for (const vm of db.get('host', ref).resident_VMs) {
      const fields = db.get('VM', vm);
      if (!fields.is_control_domain && !alive.has(fields.uuid) && !isBeingMoved(fields)) markHalted(api, vm);
    }
  });
}
