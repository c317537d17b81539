import type { LogicalUnit } from './logical-units.js';

/** Logical units of a storage network that an SR has reached. */
export interface ReachedUnits {
  /** What is there now; it may come and go. */
  units(): Promise<readonly LogicalUnit[]>;
  /** Names of the iSCSI targets that they belong to; none behind host bus adapters. */
  readonly iqns: readonly string[];
  /** Where their targets are to be reached, `address:port`, where several ways are to be used. */
  readonly addresses: readonly string[];
  /** Takes ways that did not lead there before and may do so now. */
  mend(): Promise<void>;
  /** Gives them back. Rejects when something of the host uses one. */
  release(): Promise<void>;
}

/** Whether all ways to the units of an SR are to be used: as it is configured, else as the host is set. */
export function wantsMultipath(deviceConfig: ReadonlyMap<string, string>, hostSetting = false): boolean {
  const given = deviceConfig.get('multihomed') ?? '';
  return given === '' ? hostSetting : given === 'true';
}
