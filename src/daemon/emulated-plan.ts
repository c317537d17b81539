import { v4 } from 'uuid';
import { type DiskPlan, type PoolPlan, type SrPlan, standardSrs, type VmPlan } from '../api/inventory/plan.js';
import { type EmulatedPlan, type PlannedGroup, type PlannedSr, standardSr } from '../config/emulate-plan.js';
import type { HostOptions } from '../host/emulated/layout.js';
import { randomUuid, seededRandom } from '../host/emulated/random.js';
import { DRIVERS } from '../host/emulated/storage/drivers.js';
import { lunsOf, TARGETS } from '../host/emulated/storage/san.js';
import type { Persona } from '../model/personas/persona.js';

/** Cores on one socket of an emulated host; more CPUs than that are more sockets. */
const CORES_PER_SOCKET = 8;

/** Template that VMs come from for which nobody says: no operating system in particular. */
const TEMPLATE = 'other-install-media';

/** The hosts of an emulated pool. */
export function emulatedHosts({ hosts }: EmulatedPlan): HostOptions[] {
  return hosts.map(({ cpus, ...host }) => ({
    ...host,
    cpu: {
      sockets: Math.max(1, Math.ceil(cpus / CORES_PER_SOCKET)),
      coresPerSocket: Math.min(cpus, CORES_PER_SOCKET),
      threadsPerCore: 1,
    },
  }));
}

/** What is in an emulated pool beside its hosts, and which of its VMs have other guests than usual. */
export interface EmulatedPool {
  readonly plan: PoolPlan;
  /** Uuids of VMs with guest tools where others have none, or the other way round. */
  readonly otherTools: readonly string[];
}

/** Makes up the pool of a plan. VMs for which nobody says are spread over the hosts. */
export function emulatedPool(plan: EmulatedPlan, persona: Persona): EmulatedPool {
  const standard = standardSr(plan.srs);
  const random = seededRandom(`${plan.seed ?? v4()}/vms`);
  const hostOf = hostChooser(plan, standard);
  const groups = plan.vms.map((group) => ({ group, vms: vmsOf(group, hostOf, () => randomUuid(random)) }));
  return {
    plan: {
      networks: plan.networks.map(({ nic, vlan, ...network }) => ({ ...network, card: nic, vlan })),
      srs: [...plan.srs.map((sr, i) => srPlan(sr, i, sr === standard)), ...standardSrs(persona.brand.toolsRepository)],
      vms: groups.flatMap(({ vms }) => vms),
    },
    otherTools: groups.flatMap(({ group, vms }) => (group.tools === plan.tools ? [] : vms.map(({ uuid }) => uuid))),
  };
}

function srPlan({ images, deviceConfig, host, ...sr }: PlannedSr, number: number, isDefault: boolean): SrPlan {
  const local = sr.name === 'Local storage';
  const config = deviceConfig ?? usualPlace(sr.type, number);
  return {
    ...sr,
    ...(host !== undefined && { host }),
    contentType: DRIVERS.get(sr.type)?.contentType ?? 'user',
    deviceConfig: () => config,
    smConfig: new Map(),
    // XenCenter translates the name of the SR that every installation has by this.
    otherConfig: new Map(local ? LOCAL : sr.shared ? [['auto-scan', 'false']] : []),
    isDefault,
    isTools: false,
    volumes: images.map((image) => ({ ...image, smConfig: new Map() })),
  };
}

const LOCAL: readonly (readonly [string, string])[] = [
  ['i18n-key', 'local-storage'],
  ['i18n-original-value-name_label', 'Local storage'],
];

/** A configuration with which an SR of a type can be made when nobody gives one. The number keeps two apart. */
function usualPlace(type: string, number: number): ReadonlyMap<string, string> {
  return new Map(Object.entries(placeOf(type, number)));
}

function placeOf(type: string, number: number): Readonly<Record<string, string>> {
  switch (type) {
    case 'lvm':
    case 'ext':
      return { device: number === 0 ? '/dev/sda3' : `/dev/sd${String.fromCharCode('b'.charCodeAt(0) + (number % 24))}` };
    case 'nfs':
      return { server: 'nfs.emulated.invalid', serverpath: `/export/${number}` };
    case 'smb':
      return { server: `\\\\smb.emulated.invalid\\vms${number}` };
    case 'lvmoiscsi':
      return { target: 'san.emulated.invalid', targetIQN: TARGETS[0] ?? '', SCSIid: scsiId(TARGETS[0], number) };
    case 'lvmohba':
      return { SCSIid: scsiId(undefined, number) };
    case 'iso':
      return { location: `nfs.emulated.invalid:/export/isos${number}`, type: 'nfs_iso' };
    case 'udev':
      return { location: '/dev/xapi/cd' };
    default:
      return { location: `/var/opt/storage${number}` };
  }
}

function scsiId(target: string | undefined, number: number): string {
  const luns = lunsOf(target);
  return luns[number % luns.length]?.scsiId ?? '';
}

/** Number of the host that the next VM of a group is meant for: one that has the SRs of its disks. */
function hostChooser(plan: EmulatedPlan, standard: PlannedSr | undefined): (group: PlannedGroup) => number {
  let next = 0;
  return ({ host, disks }) => {
    const bound = disks.map(({ sr }) => (sr === undefined ? standard : plan.srs.find(({ name }) => name === sr))?.host);
    return host ?? bound.find((number) => number !== undefined) ?? next++ % plan.hosts.length;
  };
}

function vmsOf(group: PlannedGroup, hostOf: (group: PlannedGroup) => number, uuid: () => string): VmPlan[] {
  const { count, description, template = TEMPLATE, memory, vcpus, networks, cd, states } = group;
  const digits = String(count).length;
  return Array.from({ length: count }, (_, i) => {
    const name = group.name.replaceAll('{n}', String(i + 1).padStart(digits, '0'));
    return {
      uuid: uuid(),
      name,
      description,
      template,
      memory,
      vcpus,
      disks: group.disks.map((disk, at): DiskPlan => ({ ...disk, name: disk.name ?? `${name} disk ${at}` })),
      networks,
      cd,
      power: powerOf(i, states),
      host: hostOf(group),
    };
  });
}

function powerOf(number: number, { running, suspended, paused }: PlannedGroup['states']): VmPlan['power'] {
  if (number < running) return 'Running';
  if (number < running + suspended) return 'Suspended';
  return number < running + suspended + paused ? 'Paused' : 'Halted';
}
