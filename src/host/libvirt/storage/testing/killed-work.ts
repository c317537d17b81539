import { once } from 'node:events';
import { v4 as newUuid } from 'uuid';
import type { LibvirtStorage } from '../libvirt-storage.js';
import type { CoalescingTimes } from '../tree/coalescer.js';

/** Layers become one as soon as there is a moment for that. */
export const AT_ONCE: CoalescingTimes = { delay: 20, rest: 100, start: 15_000, retry: 50, longestRetry: 200 };

/**
 * What a process does that is to be killed: works on an SR that is attached, and prints a line for everything that it has done. Round N
 * writes the byte N to the Nth block of its disk.
 */
export async function workUntilKilled(storage: LibvirtStorage, sr: string): Promise<void> {
  const said = (line: string): void => void process.stdout.write(`${line}\n`);
  const disk = await storage.createVolume(sr, {
    uuid: newUuid(),
    virtualSize: 2 ** 24,
    name: '',
    description: '',
    smConfig: new Map(),
  });
  const address = { sr, location: disk.location };
  said(`disk ${disk.location}`);
  const snapshots: string[] = [];
  for (let round = 1; round < 250; round++) {
    const stream = await storage.write(address, round * 65_536);
    stream.end(Buffer.alloc(65_536, round));
    await once(stream, 'close');
    said(`written ${round}`);
    snapshots.push((await storage.snapshotVolume(address, newUuid())).location);
    said(`snapshot ${round} ${snapshots.at(-1)}`);
    if (snapshots.length < 3) continue;
    const gone = snapshots.shift() ?? '';
    said(`destroying ${gone}`);
    await storage.destroyVolume({ sr, location: gone });
  }
}
