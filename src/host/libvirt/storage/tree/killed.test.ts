import { v4 as newUuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { Death, dyingMedium, Killer } from '../testing/dying-medium.js';
import { FakeLiveDisks } from '../testing/fake-live-disks.js';
import { MemoryMedium } from '../testing/memory-medium.js';
import { TreeSr } from './tree-sr.js';

const SR = '11111111-1111-4111-8111-111111111111';
const MIB = 2 ** 20;

/** An SR with a disk, a snapshot and a clone of it, and an image that was found; all of them with data. */
async function furnished(isRunning: boolean) {
  const medium = new MemoryMedium();
  const live = new FakeLiveDisks();
  const sr = await TreeSr.open(SR, medium, () => live, fail);
  const write = async (location: string, block: number, value: string): Promise<void> =>
    medium.write((await sr.source(location)).path, block, value);
  const { location: disk } = await sr.create(newVolume());
  await write(disk, 1, 'old');
  const { location: snapshot } = await sr.snapshot(disk, newUuid());
  await write(disk, 2, 'new');
  const { location: clone } = await sr.clone(snapshot, newUuid());
  await write(clone, 3, 'own');
  medium.find('found', MIB);
  medium.write('/sr/found', 4, 'found');
  medium.memory.add(disk);
  const contents = new Map<string, string>();
  for (const { location } of await sr.scan()) contents.set(location, medium.content((await sr.source(location)).path));
  if (isRunning)
    for (const location of [disk, 'found']) live.users.set((await sr.source(location)).path, `domain of ${location}`);
  return { medium, live, disk, snapshot, clone, contents };
}

type Furnished = Awaited<ReturnType<typeof furnished>>;

function newVolume() {
  return { uuid: newUuid(), virtualSize: MIB, name: '', description: '', smConfig: new Map<string, string>() };
}

function fail(error: unknown, message: string): void {
  if (!(error instanceof Death)) throw new Error(message);
}

/** Every operation, with the disk that may be gone afterwards. */
const OPERATIONS: Readonly<
  Record<string, { run(sr: TreeSr, there: Furnished): Promise<unknown>; gone?: (there: Furnished) => string; reverted?: boolean }>
> = {
  create: { run: (sr) => sr.create(newVolume()) },
  'snapshot of a disk': { run: (sr, { disk }) => sr.snapshot(disk, newUuid()) },
  'snapshot of a found image': { run: (sr) => sr.snapshot('found', newUuid()) },
  'clone of a disk': { run: (sr, { disk }) => sr.clone(disk, newUuid()) },
  'clone of a snapshot': { run: (sr, { snapshot }) => sr.clone(snapshot, newUuid()) },
  'clone of a found image': { run: (sr) => sr.clone('found', newUuid()) },
  reading: { run: (sr, { disk }) => sr.reading(disk) },
  'destruction of a clone': { run: (sr, { clone }) => sr.destroy(clone), gone: ({ clone }) => clone },
  'destruction of a snapshot': { run: (sr, { snapshot }) => sr.destroy(snapshot), gone: ({ snapshot }) => snapshot },
  'destruction of a disk': { run: (sr, { disk }) => sr.destroy(disk), gone: ({ disk }) => disk },
  'destruction of a found image': { run: (sr) => sr.destroy('found'), gone: () => 'found' },
  revert: { run: (sr, { clone, snapshot }) => sr.revert(clone, snapshot), reverted: true },
  resize: { run: (sr, { disk }) => sr.resize(disk, 2 * MIB) },
};

/** Runs an operation in a process that dies after so many changes; whether it lived to the end. */
async function interrupt(there: Furnished, operation: string, changes: number): Promise<boolean> {
  const killer = new Killer(changes);
  const live = killer.watch(there.live);
  const sr = await TreeSr.open(SR, dyingMedium(there.medium, killer), () => live, fail);
  try {
    await OPERATIONS[operation]?.run(sr, there);
    return true;
  } catch (thrown) {
    if (thrown instanceof Death) return false;
    // A disk that a domain has is not destroyed: nothing to be interrupted.
    expect(thrown).toMatchObject({ code: 'VDI_IN_USE' });
    return true;
  }
}

async function check(there: Furnished, operation: string, isLate: boolean): Promise<void> {
  const { medium, live, contents } = there;
  // Domains run on while the daemon is away.
  for (const path of live.users.keys()) medium.write(path, 9, 'later');
  let known = isLate ? new FakeLiveDisks() : live;
  const sr = await TreeSr.open(SR, medium, () => known, fail);
  await sr.scan();
  known = live;
  const found = new Map((await sr.scan()).map((volume) => [volume.location, volume]));
  const { gone, reverted } = OPERATIONS[operation] ?? {};
  for (const [location, before] of contents) {
    if (!found.has(location)) {
      expect(location).toBe(gone?.(there));
      continue;
    }
    const now = medium.content((await sr.source(location)).path);
    const isRunning = [...live.users.values()].includes(`domain of ${location}`);
    const possible = [isRunning ? `${before} 9later` : before];
    if (reverted && location === there.clone) possible.push(contents.get(there.snapshot) ?? '');
    expect(possible, location).toContain(now);
  }
  expect(found.size - contents.size).toBeLessThanOrEqual(1);
  expect(medium.intents.size).toBe(0);
  // What is left over belongs to some disk.
  const needed = new Set<string>();
  for (const location of found.keys()) {
    const { path } = await sr.source(location);
    for (let at: string | undefined = path.slice('/sr/'.length); at !== undefined; at = medium.stored.get(at)?.node.parent)
      needed.add(at);
  }
  expect([...medium.stored.keys()].filter((name) => !needed.has(name))).toEqual([]);
  expect([...medium.memory].filter((uuid) => !found.has(uuid))).toEqual([]);
}

describe.each([
  ['of idle disks', false, false],
  ['of disks that run', true, false],
  ['of disks that run, and gets to know that late', true, true],
])('a daemon that dies during an operation %s', (_name, isRunning, isLate) => {
  it.each(Object.keys(OPERATIONS))('%s: leaves every disk as it was, and nothing else', async (operation) => {
    let steps = 0;
    for (let isDone = false; !isDone; steps++) {
      const there = await furnished(isRunning);
      isDone = await interrupt(there, operation, steps);
      await check(there, operation, isLate);
      expect(steps).toBeLessThan(50);
    }
  });
});
