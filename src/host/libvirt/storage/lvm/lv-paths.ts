import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../../../../model/error.js';
import { isLvmName, mapperName } from './names.js';
import type { VolumeGroup } from './volume-group.js';

/** Where the data of volumes is reached. What LVM does by itself there has nothing to be done. */
export interface LvPaths {
  /** Rejects where the data of no volume can be reached. */
  check(): Promise<void>;
  /** Absolute paths of a volume, the one that others are told first. */
  of(group: string, name: string): readonly [string, ...string[]];
  /** The volume of a group that a path is, whether it is there or not. */
  nameAt(group: string, path: string): string | undefined;
  /** Whether the data of a volume can be reached now. */
  isThere(group: string, name: string): boolean;
  /** LVM has made volumes, activated them, or changed their sizes. */
  changed(group: VolumeGroup, names: readonly string[]): Promise<void>;
  /** LVM is about to remove volumes, or to deactivate them. Rejects with LvmError when somebody has one open. */
  leaving(group: VolumeGroup, names: readonly string[], forGood: boolean): Promise<void>;
  /** Names of active volumes that nobody has open. */
  idle(group: VolumeGroup): Promise<ReadonlySet<string>>;
}

const DEVICES = '/dev';
const MAPPER = '/dev/mapper';
const CONTROL = `${MAPPER}/control`;

/** Devices that the kernel's device-mapper makes. */
export const deviceMapper: LvPaths = {
  async check() {
    // Opening it loads the module, where it is one.
    const file = await open(CONTROL).catch(() => undefined);
    if (file === undefined) {
      const missing = 'The kernel of the host has no device-mapper: load the module dm_mod';
      throw new ApiError('SR_BACKEND_FAILURE', 'ENODEV', '', missing);
    }
    await file.close();
  },

  of: (group, name) => [join(DEVICES, group, name), join(MAPPER, mapperName(group, name))],

  nameAt(group, path) {
    const own = `${DEVICES}/${group}/`;
    const mapper = `${MAPPER}/${mapperName(group, '')}`;
    const name = path.startsWith(own)
      ? path.slice(own.length)
      : path.startsWith(mapper)
        ? path.slice(mapper.length).replaceAll('--', '-')
        : '';
    return isLvmName(name) && deviceMapper.of(group, name).includes(path) ? name : undefined;
  },

  isThere: (group, name) => existsSync(deviceMapper.of(group, name)[0]),

  async changed() {
    // LVM waits until its devices are there.
  },

  async leaving() {
    // LVM looks itself whether they are in use.
  },

  idle: (group) => group.idle(),
};
