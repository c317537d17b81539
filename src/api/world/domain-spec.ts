import type { Database } from '../../db/database.js';
import { type DiskSpec, type DomainSpec, ENDS_TO_RESTART, type NicSpec } from '../../host/compute.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { hasDisksToReset } from '../storage/reset-on-boot.js';
import { DISK_LIMITS } from '../storage/vbd-record.js';
import { domainType } from './domain-records.js';

/** Algorithms whose parameters may have limits of speed. */
const QOS_ALGORITHMS: ReadonlySet<string> = new Set([DISK_LIMITS, 'ionice']);

/** A drive as a host needs to know it. */
export function diskSpec(db: Database, { uuid, userdevice, type, mode, bootable, empty, VDI, ...vbd }: Fields<'VBD'>): DiskSpec {
  const { qos_algorithm_type: algorithm, qos_algorithm_params: params } = vbd;
  const vdi = empty || isNullRef(VDI) ? undefined : db.get('VDI', VDI);
  return {
    vbd: uuid,
    position: positionOf(userdevice),
    kind: type === 'CD' ? 'CD' : 'Disk',
    writable: mode === 'RW',
    bootable,
    volume: vdi && { sr: db.get('SR', vdi.SR).uuid, location: vdi.location },
    // Parameters count with an algorithm only. Of ionice, its priorities have no counterpart on a host; limits have.
    qos: QOS_ALGORITHMS.has(algorithm) ? params : new Map(),
    ...(vdi?.sharable && { sharable: true }),
  };
}

/** Old databases have names of devices in place of positions: `xvda` or `hda` for 0. */
function positionOf(userdevice: string): number {
  const [, letter] = /^(?:xv|h|s)d([a-z])$/.exec(userdevice) ?? [];
  return letter === undefined ? Number(userdevice) : letter.charCodeAt(0) - 'a'.charCodeAt(0);
}

/** A network card as a host needs to know it. */
export function nicSpec(db: Database, { uuid, device, MAC, MTU, network, locking_mode, ...vif }: Fields<'VIF'>): NicSpec {
  const { bridge, default_locking_mode } = db.get('network', network);
  return {
    vif: uuid,
    position: Number(device),
    mac: MAC,
    mtu: MTU,
    bridge,
    locking: {
      mode: locking_mode === 'network_default' ? default_locking_mode : locking_mode,
      ipv4: vif.ipv4_allowed,
      ipv6: vif.ipv6_allowed,
    },
    // Parameters count with their algorithm only.
    qos: vif.qos_algorithm_type === 'ratelimit' ? vif.qos_algorithm_params : new Map(),
  };
}

/** Everything that a host needs to start a VM, as its records say now. Throws HANDLE_INVALID where a device leads nowhere. */
export function domainSpec(db: Database, ref: Ref<'VM'>): DomainSpec {
  const vm = db.get('VM', ref);
  return {
    uuid: vm.uuid,
    name: vm.name_label,
    description: vm.name_description,
    vcpus: { max: vm.VCPUs_max, online: vm.VCPUs_at_startup, params: vm.VCPUs_params },
    memory: {
      staticMax: vm.memory_static_max,
      dynamicMax: vm.memory_dynamic_max,
      dynamicMin: vm.memory_dynamic_min,
      target: vm.memory_dynamic_max,
    },
    boot: bootSpec(vm),
    platform: hardware(vm),
    guestData: vm.xenstore_data,
    disks: vm.VBDs.map((vbd) => diskSpec(db, db.get('VBD', vbd))),
    nics: vm.VIFs.map((vif) => nicSpec(db, db.get('VIF', vif))),
    after: { shutdown: vm.actions_after_shutdown, reboot: afterReboot(db, ref, vm), crash: vm.actions_after_crash },
  };
}

/** Disks can go back to where they were only while nobody has them open. */
function afterReboot(db: Database, ref: Ref<'VM'>, { actions_after_reboot: action }: Fields<'VM'>): string {
  return action === 'restart' && hasDisksToReset({ db }, ref) ? ENDS_TO_RESTART : action;
}

/** The keys that choose the hardware. A TPM that clients made as an object of its own is said by a key too. */
function hardware({ platform, VTPMs }: Fields<'VM'>): DomainSpec['platform'] {
  return VTPMs.length === 0 ? platform : new Map([...platform, ['vtpm', 'true']]);
}

/** Keys of `other_config` by which an installer is found and what it is told. */
const INSTALLATION_KEYS = [
  'install-distro',
  'install-arch',
  'debian-release',
  'install-kernel',
  'install-ramdisk',
  'install-vnc',
  'install-vncpasswd',
] as const;

function entry(key: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}

function bootSpec(vm: Fields<'VM'>): DomainSpec['boot'] {
  if (domainType(vm) === 'hvm') return { kind: 'hvm', params: vm.HVM_boot_params };
  return {
    kind: 'pv',
    bootloader: vm.PV_bootloader,
    bootloaderArgs: vm.PV_bootloader_args,
    kernel: vm.PV_kernel,
    ramdisk: vm.PV_ramdisk,
    args: vm.PV_args,
    installRepository: vm.other_config.get('install-repository') ?? '',
    installation: new Map(INSTALLATION_KEYS.flatMap((key) => entry(key, vm.other_config.get(key)))),
  };
}
