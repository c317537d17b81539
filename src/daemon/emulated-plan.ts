import { v4 } from 'uuid';
import { type PoolPlan, type SrPlan, standardSrs, type VmPlan } from '../api/inventory/plan.js';
import type { EmulateOptions } from '../config/emulate.js';
import type { HostOptions } from '../host/emulated/layout.js';
import type { Persona } from '../model/personas/persona.js';

/** Cores on one socket of an emulated host; more CPUs than that are more sockets. */
const CORES_PER_SOCKET = 8;

const NIC_SPEED = 10_000;

/** Template that the VMs of an emulated pool come from: no operating system in particular. */
const TEMPLATE = 'other-install-media';

/** The hosts of an emulated pool, by the options of the command line. */
export function emulatedHosts({ hosts, networks, hostMemory, hostCpus }: EmulateOptions): HostOptions[] {
  return Array.from({ length: hosts }, (_, number) => ({
    name: `host-${number + 1}`,
    hostname: `host-${number + 1}`,
    memory: hostMemory,
    cpu: {
      sockets: Math.max(1, Math.ceil(hostCpus / CORES_PER_SOCKET)),
      coresPerSocket: Math.min(hostCpus, CORES_PER_SOCKET),
      threadsPerCore: 1,
    },
    nics: Array.from({ length: networks }, () => ({ carrier: true, speed: NIC_SPEED })),
  }));
}

/** What is in an emulated pool beside its hosts. VMs that run are spread over the hosts. */
export function emulatedPool(options: EmulateOptions, persona: Persona): PoolPlan {
  const shared = Array.from({ length: options.srs }, (_, number) => sharedSr(options.srSize, number));
  return {
    srs: [localSr(options.srSize, shared.length === 0), ...shared, ...standardSrs(persona.brand.toolsRepository)],
    vms: Array.from({ length: options.vms }, (_, number) => vm(options, number)),
  };
}

function localSr(size: number, isDefault: boolean): SrPlan {
  return {
    name: 'Local storage',
    description: '',
    type: 'lvm',
    contentType: 'user',
    shared: false,
    size,
    deviceConfig: () => new Map([['device', '/dev/sda3']]),
    smConfig: new Map(),
    otherConfig: new Map([
      ['i18n-key', 'local-storage'],
      ['i18n-original-value-name_label', 'Local storage'],
    ]),
    isDefault,
    isTools: false,
    volumes: [],
  };
}

function sharedSr(size: number, number: number): SrPlan {
  const name = number === 0 ? 'NFS virtual disk storage' : `NFS virtual disk storage ${number + 1}`;
  return {
    name,
    description: '',
    type: 'nfs',
    contentType: 'user',
    shared: true,
    size,
    deviceConfig: () =>
      new Map([
        ['server', 'nfs.emulated.invalid'],
        ['serverpath', `/export/${number + 1}`],
      ]),
    smConfig: new Map(),
    otherConfig: new Map([['auto-scan', 'false']]),
    isDefault: number === 0,
    isTools: false,
    volumes: [],
  };
}

function vm({ hosts, running, suspended, vms, vmMemory, vmVcpus, vmDisk }: EmulateOptions, number: number): VmPlan {
  const digits = String(vms).length;
  return {
    uuid: v4(),
    name: `vm-${String(number + 1).padStart(digits, '0')}`,
    description: '',
    template: TEMPLATE,
    memory: vmMemory,
    vcpus: vmVcpus,
    diskSize: vmDisk,
    power: number < running ? 'Running' : number < running + suspended ? 'Suspended' : 'Halted',
    host: number % hosts,
  };
}
