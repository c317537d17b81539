import type { Unsubscribe } from './progress.js';

/** The ways to one logical unit of a storage network. */
export interface UnitPaths {
  readonly scsiId: string;
  /** Those over which data goes. */
  readonly active: number;
  /** Those that are there. */
  readonly total: number;
}

/** How a host reaches an SR on a storage network. */
export interface SrPaths {
  /** The units that are multipath devices. */
  readonly units: readonly UnitPaths[];
  /** Sessions with the SR's iSCSI targets; undefined where there are no such. */
  readonly iscsiSessions: number | undefined;
  /** Where these targets are to be reached, `address:port`; empty where one way is used. */
  readonly addresses: readonly string[];
}

/** What a host knows of its ways to storage. */
export interface StoragePaths {
  /** The ways to an SR as of now; undefined where it is not attached, or not on a storage network. */
  of(sr: string): SrPaths | undefined;
  /** Called with the uuid of an SR after its ways have changed, and when it is attached or detached. */
  onChange(listener: (sr: string) => void): Unsubscribe;
}

/** The name by which a host asks iSCSI targets for disks. */
export interface Initiator {
  /** The name that it has; empty where it has none. */
  name(): Promise<string>;
  /** Gives it another one, for whatever it asks for from then on. Rejects with a refusal where there is no initiator. */
  rename(name: string): Promise<void>;
}
