import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import type { SrSpec } from '../../../storage.js';
import { LibvirtStorage } from '../libvirt-storage.js';
import { readMountTable } from '../mounts/mount-table.js';
import { FakeLiveDisks } from './fake-live-disks.js';
import { type LoopDevice, loopDevice } from './loop-device.js';

/** A block device, and a storage that can have SRs there. */
export interface FormattedLab {
  readonly storage: LibvirtStorage;
  readonly device: LoopDevice;
  /** An SR on the device; not made yet. */
  readonly sr: SrSpec;
  /** A storage that knows nothing of what the others did, as after a restart of the daemon. */
  restarted(): LibvirtStorage;
  /** Places at which storages of the lab have something mounted. */
  mounted(): Promise<readonly string[]>;
  /** Rejects when something is still mounted. */
  remove(): Promise<void>;
}

/** Makes a device of a size in bytes for one test. */
export async function formattedLab(type: 'ext' | 'xfs', size: number): Promise<FormattedLab> {
  const device = await loopDevice(size);
  const directory = await mkdtemp(join(tmpdir(), 'formatted-'));
  const live = new FakeLiveDisks();
  const restarted = (): LibvirtStorage =>
    new LibvirtStorage({ live: () => live, warn: () => undefined, runDirectory: join(directory, 'run') });
  const mounted = async (): Promise<readonly string[]> =>
    (await readMountTable()).flatMap(({ point }) => (point.startsWith(`${directory}/`) ? [point] : []));
  const storage = restarted();
  const sr: SrSpec = {
    uuid: newUuid(),
    type,
    deviceConfig: new Map([['device', device.path]]),
    smConfig: new Map(),
    contentType: 'user',
    shared: false,
  };
  return {
    storage,
    device,
    sr,
    restarted,
    mounted,
    async remove() {
      await storage.detach(sr.uuid);
      const left = await mounted();
      if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`);
      await device.remove();
      await rm(directory, { recursive: true });
    },
  };
}
