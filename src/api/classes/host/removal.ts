import type { Database } from '../../../db/database.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';

function destroyAll(db: Database, className: ClassName, refs: readonly string[]): void {
  for (const ref of refs) if (db.exists(className, ref)) db.destroy(className, ref);
}

function removeControlDomain(db: Database, vm: Ref<'VM'>): void {
  const record = db.find('VM', vm);
  if (!record) return;
  const { VBDs, VIFs, consoles, metrics, guest_metrics } = record.fields;
  destroyAll(db, 'VBD', VBDs);
  destroyAll(db, 'VIF', VIFs);
  destroyAll(db, 'console', consoles);
  destroyAll(db, 'VM_metrics', [metrics]);
  destroyAll(db, 'VM_guest_metrics', [guest_metrics]);
  db.destroy('VM', vm);
}

/** Removes the network objects of a host: bonds, VLANs and tunnels first, then the interfaces themselves. */
export function removeNetworkRecords(db: Database, host: Ref<'host'>): void {
  db.transaction(() => {
    const { PIFs } = db.get('host', host);
    const own = new Set<string>(PIFs);
    const belonging = <C extends 'Bond' | 'VLAN' | 'tunnel' | 'network_sriov'>(className: C, pif: (ref: string) => string) =>
      [...db.all(className)].flatMap(([ref]) => (own.has(pif(ref)) ? [ref] : []));
    destroyAll(
      db,
      'Bond',
      belonging('Bond', (ref) => db.get('Bond', ref).master),
    );
    destroyAll(
      db,
      'VLAN',
      belonging('VLAN', (ref) => db.get('VLAN', ref).untagged_PIF),
    );
    destroyAll(
      db,
      'tunnel',
      belonging('tunnel', (ref) => db.get('tunnel', ref).access_PIF),
    );
    destroyAll(
      db,
      'network_sriov',
      belonging('network_sriov', (ref) => db.get('network_sriov', ref).physical_PIF),
    );
    for (const pif of PIFs) {
      destroyAll(db, 'PIF_metrics', [db.get('PIF', pif).metrics]);
      db.destroy('PIF', pif);
    }
  });
}

/** Removes a host with everything that is there because of it. VMs that it ran must have been dealt with. */
export function removeHostRecords(db: Database, host: Ref<'host'>): void {
  db.transaction(() => {
    const fields = db.get('host', host);
    removeNetworkRecords(db, host);
    for (const vm of fields.resident_VMs) if (db.get('VM', vm).is_control_domain) removeControlDomain(db, vm);
    removeControlDomain(db, fields.control_domain);
    destroyAll(db, 'PBD', fields.PBDs);
    destroyAll(db, 'host_cpu', fields.host_CPUs);
    destroyAll(db, 'host_crashdump', fields.crashdumps);
    destroyAll(db, 'host_patch', fields.patches);
    destroyAll(db, 'PGPU', fields.PGPUs);
    destroyAll(db, 'PUSB', fields.PUSBs);
    destroyAll(db, 'PCI', fields.PCIs);
    destroyAll(db, 'Feature', fields.features);
    destroyAll(db, 'Certificate', fields.certificates);
    destroyAll(db, 'host_metrics', [fields.metrics]);
    db.destroy('host', host);
  });
}
