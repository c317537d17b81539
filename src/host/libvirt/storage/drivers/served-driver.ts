import { mkdir, readdir, rmdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../../../../model/error.js';
import type { DeviceConfig } from '../../../sr-types/device-config.js';
import { THIN_FEATURES } from '../../../sr-types/features.js';
import type { ProbeFinding, SrSpec } from '../../../storage.js';
import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { finishRemovals, isSrIn, makeSrIn, removeSrIn } from '../directory/directory-sr.js';
import { MountedMedium } from '../directory/mounted-medium.js';
import { mounting } from '../mounts/mount-error.js';
import type { MountSource } from '../mounts/mounts.js';
import { TreeSr } from '../tree/tree-sr.js';
import { knownFacts } from './driver-facts.js';
import type { Environment, SrDriver } from './sr-driver.js';

/** Directories of SRs let QEMU's user through and show nobody what there is. */
const MODE = 0o711;

/** A protocol by which directories of servers are mounted. */
export interface Served {
  readonly type: 'nfs' | 'smb';
  readonly mount: RefusalKind;
  readonly unmount: RefusalKind;
  /**
   * What is to be mounted by a configuration: the directory that it names or, with a name, one in it. Rejects with refusals, and with what there is
   * where something is missing.
   */
  source(config: DeviceConfig, environment: Environment, inside?: string): Promise<MountSource>;
}

/**
 * Disks as qcow2 files on a file server. Each SR has a directory called like its uuid in the one that is configured, and mounts that alone, so that many
 * may share an export.
 */
export function servedDriver(served: Served): SrDriver {
  const { type, source } = served;
  const within = <T>(config: DeviceConfig, environment: Environment, work: (point: string) => Promise<T>): Promise<T> =>
    reached(served, async () => environment.mounts.during(await source(config, environment), work));

  return {
    facts: knownFacts(type, THIN_FEATURES),

    async create({ uuid, deviceConfig }, _size, environment) {
      if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
      await within(deviceConfig, environment, async (point) => {
        const location = join(point, uuid);
        const isNew = (await mkdir(location, { recursive: true, mode: MODE })) !== undefined;
        if (!isNew) throw new ApiError('SR_UUID_EXISTS', uuid);
        try {
          await makeSrIn(location, { uuid, type });
        } catch (thrown) {
          await rmdir(join(location, uuid)).catch(() => undefined);
          await rmdir(location).catch(() => undefined);
          throw thrown;
        }
      });
    },

    async destroy({ uuid, deviceConfig }, environment) {
      await reached(served, () => environment.mounts.unmount(uuid), served.unmount);
      await within(deviceConfig, environment, async (point) => {
        const location = join(point, uuid);
        if (!(await isSrIn(location, uuid))) throw noSr(uuid);
        await removeSrIn(location, uuid);
        // Something else of others may lie there, and stays.
        await rmdir(location).catch(() => undefined);
      });
    },

    probe: (deviceConfig, environment) =>
      within(deviceConfig, environment, async (point) => {
        const { blocks, bavail, bsize } = await statfs(point);
        const common = { configuration: deviceConfig, complete: true, extraInfo: new Map<string, string>() };
        const found: ProbeFinding[] = [common];
        for (const uuid of await readdir(point)) {
          if (!isUuid(uuid) || !(await isSrIn(join(point, uuid), uuid).catch(() => false))) continue;
          found.push({
            ...common,
            sr: { uuid, name: '', description: '', totalSpace: blocks * bsize, freeSpace: bavail * bsize },
          });
        }
        return found;
      }),

    async attach({ uuid, deviceConfig }: SrSpec, environment) {
      if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
      const { live, warn, mounts, coalescing } = environment;
      const mountPoint = await reached(served, async () => mounts.mount(uuid, await source(deviceConfig, environment, uuid)));
      const unmount = (): Promise<void> => reached(served, () => mounts.unmount(uuid), served.unmount);
      try {
        if (!(await isSrIn(mountPoint, uuid))) throw noSr(uuid);
        await finishRemovals(mountPoint);
        return await TreeSr.open(uuid, new MountedMedium(uuid, mountPoint, unmount, warn), live, warn, coalescing);
      } catch (thrown) {
        await unmount();
        throw thrown;
      }
    },
  };
}

/** Refusals of a server have the number of its protocol: of mounting it, and of what it does not let root do. */
async function reached<T>(served: Served, work: () => Promise<T>, kind = served.mount): Promise<T> {
  try {
    return await mounting(kind, work);
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || (thrown.code !== 'EACCES' && thrown.code !== 'EPERM')) throw thrown;
    throw refusal(kind, `The server does not let root of this host write there: ${thrown.message}`);
  }
}

function noSr(uuid: string): ApiError {
  return refusal('srNotThere', `There is no SR ${uuid} on the server`);
}
