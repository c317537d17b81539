import { statfs } from 'node:fs/promises';
import { ApiError } from '../../../../model/error.js';
import { deviceOf } from '../../../sr-types/device-config.js';
import { THIN_FEATURES } from '../../../sr-types/features.js';
import type { SrSpec } from '../../../storage.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { CommandError } from '../../network/commands.js';
import { type BlockDevice, blockDeviceAt, needUnused } from '../devices/block-device.js';
import { type FileSystem, fileSystemOn, signaturesOn, wipeSignatures } from '../devices/signatures.js';
import { finishRemovals, isSrIn, makeSrIn, needNothingOfOthers } from '../directory/directory-sr.js';
import { MountedMedium } from '../directory/mounted-medium.js';
import { mounting } from '../mounts/mount-error.js';
import type { MountSource } from '../mounts/mounts.js';
import { needTools, type Tools } from '../tools/tools.js';
import { TreeSr } from '../tree/tree-sr.js';
import { knownFacts } from './driver-facts.js';
import type { SrDriver } from './sr-driver.js';

/** Label of the file systems that we make; XFS takes 12 characters. Their own uuid is that of the SR. */
const LABEL = 'xenapi-sr';

/** How a kind of file system is made, and looked at without changing anything. */
interface Format {
  readonly type: 'ext' | 'xfs';
  readonly fileSystem: 'ext4' | 'xfs';
  readonly make: (uuid: string) => readonly string[];
  readonly look: readonly string[];
}

const EXT: Format = {
  type: 'ext',
  fileSystem: 'ext4',
  // Nobody but us writes there, so that nothing has to be kept back for root.
  make: (uuid) => ['-q', '-F', '-m', '0', '-L', LABEL, '-U', uuid],
  look: ['ro', 'noload'],
};

const XFS: Format = {
  type: 'xfs',
  fileSystem: 'xfs',
  make: (uuid) => ['-q', '-f', '-L', LABEL, '-m', `uuid=${uuid}`],
  look: ['ro', 'norecovery'],
};

/** Disks as qcow2 files on a device with an ext4 file system of our own. */
export const extDriver = formattedDriver(EXT);

/** The same with XFS. */
export const xfsDriver = formattedDriver(XFS);

function formattedDriver(format: Format): SrDriver {
  const { type, fileSystem } = format;
  const source = (device: BlockDevice, options: readonly string[]): MountSource => ({
    type: fileSystem,
    source: device.path,
    options,
  });
  const disks = ['noatime'];

  return {
    facts: knownFacts(type, THIN_FEATURES),

    async create({ uuid, deviceConfig }, _size, { tools, mounts }) {
      const path = deviceOf(deviceConfig);
      if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
      await needTools(tools, 'fileSystem', `mkfs.${fileSystem}`, 'wipefs', 'blkid', 'mount');
      const device = await blockDeviceAt(path);
      if (isOurs(await fileSystemOn(tools, device.path), format, uuid)) throw new ApiError('SR_UUID_EXISTS', uuid);
      await needUnused(device);
      await needEmpty(tools, device);
      try {
        await tools.run(`mkfs.${fileSystem}`, [...format.make(uuid), device.path]);
        await mounting('fileSystem', () => mounts.during(source(device, disks), (point) => makeSrIn(point, { uuid, type })));
      } catch (thrown) {
        await wipeSignatures(tools, device.path);
        throw thrown instanceof CommandError ? refusal('fileSystem', thrown.message) : thrown;
      }
    },

    async destroy(sr, { tools, mounts }) {
      const device = await needSr(sr, format, tools);
      await mounting('lvmUnmount', () => mounts.unmount(sr.uuid));
      await needUnused(device);
      await mounting('lvmMount', () => mounts.during(source(device, format.look), needNothingOfOthers));
      await wipeSignatures(tools, device.path);
    },

    async probe(deviceConfig, { tools, mounts }) {
      const path = deviceOf(deviceConfig);
      await needTools(tools, 'fileSystem', 'wipefs', 'blkid', 'mount');
      const device = await blockDeviceAt(path);
      const found = await fileSystemOn(tools, device.path);
      const common = { configuration: deviceConfig, complete: true, extraInfo: new Map<string, string>() };
      if (found === undefined || !isOurs(found, format, found.uuid))
        return (await signaturesOn(tools, device.path)).length === 0 ? [common] : [];
      const { uuid } = found;
      const { blocks, bavail, bsize } = await mounting('lvmMount', () =>
        mounts.looking(uuid, source(device, format.look), (point) => statfs(point)),
      );
      return [{ ...common, sr: { uuid, name: '', description: '', totalSpace: blocks * bsize, freeSpace: bavail * bsize } }];
    },

    async attach(sr, { live, warn, tools, mounts, coalescing }) {
      const device = await needSr(sr, format, tools);
      const point = await mounting('lvmMount', () => mounts.mount(sr.uuid, source(device, disks)));
      const unmount = (): Promise<void> => mounting('lvmUnmount', () => mounts.unmount(sr.uuid));
      try {
        if (!(await isSrIn(point, sr.uuid))) throw noSr(sr);
        await finishRemovals(point);
        return await TreeSr.open(sr.uuid, new MountedMedium(sr.uuid, point, unmount, warn), live, warn, coalescing);
      } catch (thrown) {
        await unmount();
        throw thrown;
      }
    },
  };
}

function isOurs(found: FileSystem | undefined, { fileSystem }: Format, uuid: string): boolean {
  return found !== undefined && found.type === fileSystem && found.label === LABEL && isUuid(uuid) && found.uuid === uuid;
}

/** Rejects when a device has something on it: what it is good for, only its owner knows. */
async function needEmpty(tools: Tools, { path }: BlockDevice): Promise<void> {
  const found = await signaturesOn(tools, path);
  if (found.length === 0) return;
  const what = [...new Set(found)].join(', ');
  throw refusal(
    'deviceInUse',
    `${path} has something on it (${what}): if nobody needs that any more, remove it with wipefs --all`,
  );
}

/** The device of an SR: the one that is configured or, since the kernel may call it otherwise after the next boot, the one that has it. */
async function needSr(sr: SrSpec, format: Format, tools: Tools): Promise<BlockDevice> {
  const { uuid, deviceConfig } = sr;
  const path = deviceOf(deviceConfig);
  await needTools(tools, 'fileSystem', 'wipefs', 'blkid', 'mount');
  if (!isUuid(uuid)) throw noSr(sr);
  for (const place of [path, `/dev/disk/by-uuid/${uuid}`]) {
    const device = await blockDeviceAt(place).catch(() => undefined);
    if (device && isOurs(await fileSystemOn(tools, device.path), format, uuid)) return device;
  }
  throw noSr(sr);
}

function noSr({ uuid, deviceConfig }: SrSpec): ApiError {
  return refusal('srNotThere', `There is no SR ${uuid} on ${deviceConfig.get('device')}`);
}
