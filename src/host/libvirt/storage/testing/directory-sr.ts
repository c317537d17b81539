import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import type { SrSpec } from '../../../storage.js';
import { LibvirtStorage } from '../libvirt-storage.js';
import type { CoalescingTimes } from '../tree/coalescer.js';
import { FakeLiveDisks } from './fake-live-disks.js';

/** A directory for disks, and a storage that can have SRs there. */
export interface DirectoryLab {
  readonly storage: LibvirtStorage;
  /** A `file` SR in the directory; not made yet. */
  readonly sr: SrSpec;
  readonly location: string;
  readonly live: FakeLiveDisks;
  readonly warnings: string[];
  /** A storage that knows nothing of what the others did, as after a restart of the daemon. */
  restarted(coalescing?: CoalescingTimes): LibvirtStorage;
  remove(): Promise<void>;
}

/** Makes a directory for one test. */
export async function directoryLab(): Promise<DirectoryLab> {
  const directory = await mkdtemp(join(tmpdir(), 'storage-'));
  const location = join(directory, 'disks');
  await mkdir(location);
  const live = new FakeLiveDisks();
  const warnings: string[] = [];
  const restarted = (coalescing?: CoalescingTimes): LibvirtStorage =>
    new LibvirtStorage({
      ...(coalescing && { coalescing }),
      live: () => live,
      warn: (_error, message) => void warnings.push(message),
      runDirectory: join(directory, 'run'),
    });
  return {
    storage: restarted(),
    sr: {
      uuid: newUuid(),
      type: 'file',
      deviceConfig: new Map([['location', location]]),
      smConfig: new Map(),
      contentType: 'user',
      shared: false,
    },
    location,
    live,
    warnings,
    restarted,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
