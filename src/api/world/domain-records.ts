import type { DomainState } from '../../host/compute.js';
import { toDateTime } from '../../model/datetime.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { DISK_LIMITS } from '../storage/vbd-record.js';
import { formatBootRecord } from './boot-record.js';
import { closeConsoles, openConsoles } from './console-records.js';
import { guestState } from './domain-states.js';
import { dropGuest, writeGuest } from './guest-records.js';
import { afterInstallerBoot } from './installer.js';

/** What the records of a living domain need: see `domainState`. */
export type LiveDomain = Pick<DomainState, 'domid' | 'startedAt' | 'memory'>;

/**
 * Writes everything that follows from a domain running on a host: after a start, a resume, a reboot, a migration, or
 * when it was found so. Calling it again for the same state changes nothing.
 */
export function markRunning(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, domain: LiveDomain): void {
  live(api, vm, host, domain, 'Running');
}

/** The same for a domain that exists but stands still. */
export function markPaused(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, domain: LiveDomain): void {
  live(api, vm, host, domain, 'Paused');
}

/**
 * Writes everything that follows from a VM having no domain and no saved memory. A suspend image, if there is one, is
 * the caller's to destroy; the VM no longer names it.
 */
export function markHalted(api: Api, vm: Ref<'VM'>): void {
  const { db } = api;
  db.transaction(() => {
    gone(api, vm, 'Halted');
    const { VBDs, VIFs, VUSBs, VGPUs, attached_PCIs } = db.get('VM', vm);
    for (const vbd of VBDs) db.set('VBD', vbd, { currently_attached: false, reserved: false });
    for (const vif of VIFs) db.set('VIF', vif, { currently_attached: false, reserved: false });
    for (const vusb of VUSBs) db.set('VUSB', vusb, { currently_attached: false });
    for (const vgpu of VGPUs)
      db.set('VGPU', vgpu, { currently_attached: false, resident_on: NULL_REF, scheduled_to_be_resident_on: NULL_REF });
    for (const pci of attached_PCIs)
      db.set('PCI', pci, { attached_VMs: db.get('PCI', pci).attached_VMs.filter((other) => other !== vm) });
    db.set('VM', vm, { suspend_VDI: NULL_REF, requires_reboot: false });
  });
}

/**
 * Writes everything that follows from a VM whose memory is in a VDI. Its devices stay attached, so that nobody else
 * takes the disks meanwhile.
 */
export function markSuspended(api: Api, vm: Ref<'VM'>, image: Ref<'VDI'>): void {
  api.db.transaction(() => {
    gone(api, vm, 'Suspended');
    api.db.set('VM', vm, { suspend_VDI: image });
  });
}

/** How a VM is virtualised: what it says, or what its boot policy means where it says nothing. */
export function domainType(vm: Pick<Fields<'VM'>, 'domain_type' | 'HVM_boot_policy'>): Fields<'VM'>['domain_type'] {
  if (vm.domain_type !== 'unspecified') return vm.domain_type;
  return vm.HVM_boot_policy === '' ? 'pv' : 'hvm';
}

/** Name of a drive in the guest: `xvda` for position 0. */
export function deviceName(userdevice: string): string {
  if (!/^\d{1,3}$/.test(userdevice)) return userdevice;
  const position = Number(userdevice);
  const letter = (n: number) => String.fromCharCode('a'.charCodeAt(0) + n);
  return position < 26 ? `xvd${letter(position)}` : `xvd${letter(Math.floor(position / 26) - 1)}${letter(position % 26)}`;
}

/** Makes the record for measurements where a VM has none. */
export function ensureMetrics({ db }: Api, vm: Ref<'VM'>): Ref<'VM_metrics'> {
  const { metrics } = db.get('VM', vm);
  if (db.exists('VM_metrics', metrics)) return metrics;
  const made = db.create('VM_metrics', {});
  db.set('VM', vm, { metrics: made });
  return made;
}

function live(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, domain: LiveDomain, power: 'Running' | 'Paused'): void {
  const { db } = api;
  db.transaction(() => {
    const before = db.get('VM', vm);
    const started = toDateTime(domain.startedAt);
    const metrics = ensureMetrics(api, vm);
    const lives = before.domid >= 0;
    const sameDomain = lives && before.domid === domain.domid && before.resident_on === host;
    const moved = lives && before.resident_on !== host;
    const sameBoot = (sameDomain || moved) && db.get('VM_metrics', metrics).start_time === started;
    db.set('VM', vm, {
      power_state: power,
      domid: domain.domid,
      resident_on: host,
      scheduled_to_be_resident_on: NULL_REF,
    });
    if (!sameDomain || !sameBoot) newDomain(api, vm, host);
    if (!sameBoot) newBoot(api, vm, before, host, domain);
    db.set('VM_metrics', metrics, liveMetrics(before, domain, power, sameBoot));
    openConsoles(api, vm, host);
    const physical = api.hosts.find(host);
    const guest = physical && guestState(physical, before.uuid);
    if (guest) writeGuest(api, vm, guest);
  });
}

/** A domain that this VM did not have before has all of its devices, whether it was started or came from another host. */
function newDomain({ db }: Api, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const { VBDs, VIFs } = db.get('VM', vm);
  for (const vbd of VBDs) {
    const { device, userdevice } = db.get('VBD', vbd);
    db.set('VBD', vbd, {
      currently_attached: true,
      reserved: false,
      device: device || deviceName(userdevice),
      qos_supported_algorithms: [DISK_LIMITS],
    });
  }
  for (const vif of VIFs) db.set('VIF', vif, { currently_attached: true, reserved: false });
  const { vendor = '', features_hvm, features = features_hvm ?? '' } = Object.fromEntries(db.get('host', host).cpu_info);
  db.set('VM', vm, { last_boot_CPU_flags: new Map(Object.entries({ vendor, features })) });
}

/** What the tools told belongs to the boot before this one. A resumed VM goes on with the settings that it had. */
function newBoot(api: Api, vm: Ref<'VM'>, before: Fields<'VM'>, host: Ref<'host'>, domain: LiveDomain): void {
  dropGuest(api, vm);
  if (before.power_state !== 'Suspended') {
    api.db.set('VM', vm, { last_booted_record: formatBootRecord(before) });
    if (domainType(before) !== 'hvm') afterInstallerBoot(api.db, vm, before);
  }
  api.db.set('VM', vm, {
    requires_reboot: false,
    suspend_VDI: NULL_REF,
    resident_on: host,
    memory_target: domain.memory ?? before.memory_dynamic_max,
  });
}

function liveMetrics(
  vm: Fields<'VM'>,
  domain: LiveDomain,
  power: 'Running' | 'Paused',
  sameBoot: boolean,
): Partial<Fields<'VM_metrics'>> {
  const type = domainType(vm);
  return {
    memory_actual: domain.memory ?? vm.memory_dynamic_max,
    state: power === 'Running' ? ['running'] : ['paused'],
    hvm: type === 'hvm',
    current_domain_type: type,
    nested_virt: vm.platform.get('nested-virt') === 'true' || vm.platform.get('exp-nested-hvm') === 'true',
    nomigrate: vm.platform.get('nomigrate') === 'true',
    VCPUs_params: vm.VCPUs_params,
    start_time: toDateTime(domain.startedAt),
    ...(!sameBoot && { VCPUs_number: vm.VCPUs_at_startup, last_updated: toDateTime() }),
  };
}

function gone(api: Api, vm: Ref<'VM'>, power: 'Halted' | 'Suspended'): void {
  const { db } = api;
  closeConsoles(api, vm);
  dropGuest(api, vm);
  db.set('VM', vm, {
    power_state: power,
    domid: -1,
    resident_on: NULL_REF,
    scheduled_to_be_resident_on: NULL_REF,
  });
  const { metrics } = db.get('VM', vm);
  if (isNullRef(metrics) || !db.exists('VM_metrics', metrics)) return;
  db.set('VM_metrics', metrics, {
    memory_actual: 0,
    state: [],
    current_domain_type: 'unspecified',
    hvm: false,
    nested_virt: false,
    nomigrate: false,
    last_updated: toDateTime(),
  });
}
