import type { DiskSpec, DomainSpec, DomainState, GuestState, NicSpec } from '../../compute.js';
import type { VolumeAddress } from '../../storage.js';
import { memoryOverhead } from './memory-overhead.js';

/** A domain as an emulated host has it. */
export interface Domain {
  readonly uuid: string;
  /** What it was started with. */
  readonly spec: DomainSpec;
  /** Bytes that the host needs for it beside the guest's memory. */
  readonly overhead: number;
  power: DomainState['power'];
  domid: number;
  startedAt: number;
  ended: DomainState['ended'];
  vcpus: number;
  /** Bounds in bytes between which the host moves its memory, and what it has now. */
  memoryMinimum: number;
  memoryMaximum: number;
  memory: number;
  /** Disks and cards by the uuid of their VBD or VIF. */
  readonly disks: Map<string, DiskSpec>;
  readonly nics: Map<string, NicSpec>;
  /** Where its memory is while it is suspended. */
  image: VolumeAddress | undefined;
  guest: GuestState | undefined;
  /** Aborted when the domain ends: what waits for the domain waits no longer. */
  life: AbortController;
}

/** A new domain that does not run yet. */
export function newDomain(spec: DomainSpec): Domain {
  return {
    uuid: spec.uuid,
    spec,
    overhead: memoryOverhead(spec),
    power: 'Halted',
    domid: -1,
    startedAt: 0,
    ended: undefined,
    vcpus: spec.vcpus.online,
    memoryMinimum: spec.memory.dynamicMin,
    memoryMaximum: spec.memory.dynamicMax,
    memory: 0,
    disks: new Map(spec.disks.map((disk) => [disk.vbd, disk])),
    nics: new Map(spec.nics.map((nic) => [nic.vif, nic])),
    image: undefined,
    guest: undefined,
    life: new AbortController(),
  };
}

/** Whether a domain is there: it takes memory and has devices. */
export function isLive({ power }: Domain): boolean {
  return power === 'Running' || power === 'Paused';
}

/** What others see of a domain. */
export function domainState({ uuid, power, domid, startedAt, ended, memory }: Domain): DomainState {
  return { uuid, power, domid, startedAt, memory, ...(ended === undefined ? {} : { ended }) };
}
