import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import type { SrSpec } from '../../../../storage.js';
import type { LiveDisks } from '../../../volume-source.js';
import { LibvirtStorage } from '../../libvirt-storage.js';
import { FakeLiveDisks } from '../../testing/fake-live-disks.js';
import { loopDevice } from '../../testing/loop-device.js';
import type { CoalescingTimes } from '../../tree/coalescer.js';
import type { Warn } from '../../tree/intents.js';
import { lvmProgram, type RunLvm } from '../lvm-program.js';
import { groupNameOf } from '../names.js';
import { VolumeGroup } from '../volume-group.js';
import { FilePaths } from './file-paths.js';

const MIB = 2 ** 20;

/** A device for LVM of its own, and storages that work on it. */
export interface LvmLab {
  readonly storage: LibvirtStorage;
  /** An `lvm` SR on the device; not made yet. */
  readonly sr: SrSpec;
  readonly device: string;
  /** Where its files are; `storageIn` makes a storage of it, in another process too. */
  readonly directory: string;
  readonly live: FakeLiveDisks;
  readonly paths: FilePaths;
  /** Every command of LVM so far, by its first word. */
  readonly commands: string[];
  readonly warnings: string[];
  readonly run: RunLvm;
  /** A storage that knows nothing of what the others did, as after a restart of the daemon. */
  restarted(coalescing?: CoalescingTimes): LibvirtStorage;
  /** Every volume of the SR's group: its bytes, and those that were written of it. */
  sizes(): Promise<ReadonlyMap<string, { readonly size: number; readonly written: number }>>;
  /** Rejects when something was written behind the end of a volume: a device would have been full. */
  remove(): Promise<void>;
}

/** Where LVM's settings are in the directory of a lab. */
const SETTINGS = 'lvm';

/** LVM as it is set up in the directory of a lab. */
function lvmIn(directory: string): RunLvm {
  return lvmProgram({ LVM_SYSTEM_DIR: join(directory, SETTINGS) });
}

/** A storage on the device of the lab in a directory. Volumes grow in steps that suit small disks. */
export function storageIn(
  directory: string,
  live: LiveDisks,
  warn: Warn,
  { run = lvmIn(directory), coalescing }: { readonly run?: RunLvm; readonly coalescing?: CoalescingTimes | undefined } = {},
): LibvirtStorage {
  const steps = { step: 8 * MIB, reserve: 4 * MIB };
  return new LibvirtStorage({
    live: () => live,
    warn,
    runDirectory: join(directory, 'run'),
    ...(coalescing && { coalescing }),
    lvm: { run, paths: new FilePaths(directory), steps },
  });
}

/** Makes the device, of so many bytes that take no space. LVM sees no other device, and the kernel's device-mapper is not used. */
export async function lvmLab(size = 4096 * MIB): Promise<LvmLab> {
  const directory = await mkdtemp(join(tmpdir(), 'lvm-'));
  const { path: device, remove: removeDevice } = await loopDevice(size);
  const settings = join(directory, SETTINGS);
  await mkdir(settings);
  await writeFile(
    join(settings, 'lvm.conf'),
    `global { activation = 0 locking_dir = "${directory}/lock" }
     devices { use_devicesfile = 0 filter = [ "a|^${device}$|", "r|.*|" ] }
     backup { backup = 0 archive = 0 }`,
  );
  const live = new FakeLiveDisks();
  const warnings: string[] = [];
  const commands: string[] = [];
  const paths = new FilePaths(directory);
  const real = lvmIn(directory);
  const run: RunLvm = (words) => {
    commands.push(words[0] ?? '');
    return real(words);
  };
  const warn = (_error: unknown, message: string): void => void warnings.push(message);
  const restarted = (coalescing?: CoalescingTimes): LibvirtStorage => storageIn(directory, live, warn, { run, coalescing });
  const uuid = newUuid();
  const sizes: LvmLab['sizes'] = async () => {
    const found = new Map<string, { readonly size: number; readonly written: number }>();
    const group = await VolumeGroup.open(groupNameOf(uuid), real).catch(() => undefined);
    for (const [name, volume] of group?.facts.volumes ?? []) {
      found.set(name, { size: volume.size, written: await paths.written(groupNameOf(uuid), name) });
    }
    return found;
  };
  return {
    storage: restarted(),
    sr: {
      uuid,
      type: 'lvm',
      deviceConfig: new Map([['device', device]]),
      smConfig: new Map(),
      contentType: 'user',
      shared: false,
    },
    sizes,
    device,
    directory,
    live,
    paths,
    commands,
    warnings,
    run,
    restarted,
    async remove() {
      const full = [...(await sizes())].filter(([, { size, written }]) => written > size);
      await removeDevice();
      await rm(directory, { recursive: true, force: true });
      if (full.length > 0) throw new Error(`written behind the end: ${full.map(([name]) => name).join(', ')}`);
    },
  };
}
