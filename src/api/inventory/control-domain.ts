import type { Database } from '../../db/database.js';
import type { Host } from '../../host/host.js';
import { toDateTime } from '../../model/datetime.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import { consoleLocation } from '../world/console-records.js';
import { cpuCount } from './host-records.js';

/** A control domain is not given more CPUs than this, whatever the host has. */
const MAX_CPUS = 16;

/** Makes the VM that stands for the host's own system. Clients want one for each host, running, with the number 0. */
export function createControlDomain(db: Database, ref: Ref<'host'>, host: Host): Ref<'VM'> {
  const { facts } = host;
  const memory = facts.controlDomainMemory;
  const cpus = Math.min(cpuCount(facts.cpu), MAX_CPUS);
  return db.transaction(() => {
    const metrics = db.create('VM_metrics', {
      memory_actual: memory,
      VCPUs_number: cpus,
      state: ['running'],
      start_time: toDateTime(facts.bootedAt * 1000),
      install_time: toDateTime(),
      last_updated: toDateTime(),
      current_domain_type: 'pv',
    });
    const vm = db.create('VM', {
      name_label: `Control domain on host: ${facts.name}`,
      name_description: 'Drives the hardware of the host and serves the other domains',
      is_control_domain: true,
      power_state: 'Running',
      domid: 0,
      resident_on: ref,
      affinity: ref,
      metrics,
      memory_target: memory,
      memory_static_max: memory,
      memory_dynamic_max: memory,
      memory_dynamic_min: memory,
      memory_static_min: memory,
      VCPUs_max: cpus,
      VCPUs_at_startup: cpus,
      actions_after_shutdown: 'destroy',
      actions_after_reboot: 'destroy',
      actions_after_crash: 'destroy',
      domain_type: 'pv',
      has_vendor_device: false,
      suspend_VDI: NULL_REF,
      other_config: new Map([['is_system_domain', 'true']]),
    });
    db.set('host', ref, { control_domain: vm });
    openHostConsole(db, vm, host);
    return vm;
  });
}

/** The console of a host is that of its control domain, where the host offers one. */
function openHostConsole(db: Database, vm: Ref<'VM'>, host: Host): void {
  const [protocol] = host.console.protocols(db.get('VM', vm).uuid);
  if (!protocol) return;
  const console = db.create('console', { protocol, VM: vm });
  db.set('console', console, { location: consoleLocation(host.facts.address, db.get('console', console).uuid) });
}

/** Brings the control domain in line with a host that may have booted or got other memory since. */
export function refreshControlDomain(db: Database, ref: Ref<'host'>, host: Host): void {
  const { control_domain: vm } = db.get('host', ref);
  const record = db.find('VM', vm);
  if (!record) {
    createControlDomain(db, ref, host);
    return;
  }
  db.transaction(() => {
    db.set('VM', vm, { power_state: 'Running', domid: 0, resident_on: ref });
    for (const console of record.fields.consoles)
      db.set('console', console, { location: consoleLocation(host.facts.address, db.get('console', console).uuid) });
    const { metrics, memory_dynamic_max } = record.fields;
    if (db.exists('VM_metrics', metrics))
      db.set('VM_metrics', metrics, {
        start_time: toDateTime(host.facts.bootedAt * 1000),
        memory_actual: memory_dynamic_max,
        state: ['running'],
        current_domain_type: 'pv',
        last_updated: toDateTime(),
      });
  });
}
