import type { EnumValue } from '../../model/types.js';

/** A disk image of a new SR. Size in bytes. */
export interface VolumePlan {
  readonly name: string;
  readonly size: number;
  readonly smConfig: ReadonlyMap<string, string>;
}

/** An SR of a new pool. Size in bytes. */
export interface SrPlan {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly contentType: string;
  /** One SR that all hosts see, or one of its own for each host. */
  readonly shared: boolean;
  /** Number of the only host that has it, where it is not shared. */
  readonly host?: number;
  /** Uuid of one that is there already, with what an earlier pool has left in it; a new one is made without it. */
  readonly existing?: string;
  readonly size: number;
  /** Where it is, by the number of the host; that of the first one for a shared SR. */
  readonly deviceConfig: (host: number) => ReadonlyMap<string, string>;
  readonly smConfig: ReadonlyMap<string, string>;
  readonly otherConfig: ReadonlyMap<string, string>;
  /** Where disks go when nobody says so. One SR of the plan at most. */
  readonly isDefault: boolean;
  /** The SR with the guest tools. */
  readonly isTools: boolean;
  /** What is in it from the start. */
  readonly volumes: readonly VolumePlan[];
}

/** A network of a new pool. */
export interface NetworkPlan {
  readonly name: string;
  readonly description: string;
  /** Number of the card of each host that it leads to; undefined for a network inside each host. */
  readonly card: number | undefined;
  /** Tag of the VLAN over the card; undefined for the card itself. */
  readonly vlan: number | undefined;
  readonly mtu: number;
}

/** A disk of a new VM. Size in bytes. */
export interface DiskPlan {
  readonly name: string;
  readonly size: number;
  /** Name of its SR in the plan; undefined for where disks go by default. */
  readonly sr: string | undefined;
}

/** A VM of a new pool. Sizes in bytes. */
export interface VmPlan {
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  /** `reference_label` of the shipped template that it is made from. */
  readonly template: string;
  readonly memory: number;
  readonly vcpus: number;
  readonly disks: readonly DiskPlan[];
  /** Networks of its cards: numbers of the plan's, or where it has none, of those of the hosts' cards. */
  readonly networks: readonly number[];
  /** Whether it has a CD drive, empty. */
  readonly cd: boolean;
  readonly power: EnumValue<'vm_power_state'>;
  /** Number of the host that it is meant for. */
  readonly host: number;
}

/** What a new pool consists of, beside the hosts and what is in them. */
export interface PoolPlan {
  readonly networks: readonly NetworkPlan[];
  readonly srs: readonly SrPlan[];
  readonly vms: readonly VmPlan[];
}
export { standardSrs } from './standard-srs.js';
