import { deviceMapper, type LvPaths } from './lv-paths.js';
import { lvmProgram, type RunLvm } from './lvm-program.js';
import type { Steps } from './room.js';

/** The LVM of a host. */
export interface LvmHost {
  readonly run: RunLvm;
  readonly paths: LvPaths;
  /** Space that volumes get at a time, where it is not what is good for real disks. */
  readonly steps?: Steps;
}

/** The LVM of this host. */
export const THIS_HOST: LvmHost = { run: lvmProgram(), paths: deviceMapper };
