import type { SrSpec } from '../storage.js';
import type { CpuShape } from './facts.js';

/** A network card of a new host. Speed in Mbit/s. */
export interface NicOptions {
  readonly carrier: boolean;
  readonly speed: number;
}

/** A new host. Memory in bytes. */
export interface HostOptions {
  readonly name: string;
  readonly hostname: string;
  readonly memory: number;
  readonly cpu: CpuShape;
  readonly nics: readonly NicOptions[];
}

/** A CD image that is there from the start. Size in bytes. */
export interface IsoOptions {
  readonly name: string;
  readonly description: string;
  readonly size: number;
}

/** A new SR. Size in bytes. */
export interface SrOptions {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly contentType: string;
  readonly shared: boolean;
  /** Number of the host that has it; undefined: one for every host, or one for all together when it is shared. */
  readonly host?: number;
  readonly size: number;
  readonly deviceConfig: ReadonlyMap<string, string>;
  readonly isos: readonly IsoOptions[];
  /** Whether it holds the guest tools. */
  readonly tools: boolean;
}

/** An SR of the world, as its owner has to introduce it. Size in bytes. */
export interface PlacedSr {
  readonly spec: SrSpec;
  readonly name: string;
  readonly description: string;
  readonly size: number;
  readonly tools: boolean;
  /** Uuids of the hosts that it is to be attached to. */
  readonly hosts: readonly string[];
}
