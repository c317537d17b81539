import type { CpuShape } from './facts.js';
import type { Lease } from './network/address-plan.js';

/** A network card of a new host. Speed in Mbit/s. Cards without a name are eth0, eth1, …; without a MAC address they get one. */
export interface NicOptions {
  readonly carrier: boolean;
  readonly speed: number;
  readonly device?: string;
  readonly mac?: string;
}

/** A new host. Memory in bytes. What is left out is made up. */
export interface HostOptions {
  readonly name: string;
  readonly hostname: string;
  readonly memory: number;
  readonly cpu: CpuShape;
  readonly nics: readonly NicOptions[];
  readonly uuid?: string;
  /** Address of its management interface. */
  readonly address?: string;
  /** Device of its management interface. */
  readonly managementDevice?: string;
  readonly controlDomainMemory?: number;
  /** Whether nothing is set up on its cards; else each has a bridge, and the first one asks for an address. */
  readonly bare?: boolean;
  /** What DHCP servers give to its devices, by name. */
  readonly leases?: ReadonlyMap<string, Lease>;
}

/** Where a world comes from: it was made up, or it takes the place of a pool that is known from a dump of its database. */
export type Origin = 'plan' | 'dump';
