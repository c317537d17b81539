import { v4 as newUuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { Medium } from '../tree/medium.js';
import { TreeSr } from '../tree/tree-sr.js';
import { Death, dyingMedium, Killer } from './dying-medium.js';
import { FakeLiveDisks } from './fake-live-disks.js';
import type { MemoryMedium } from './memory-medium.js';

/** A medium on which processes are killed. */
export interface KilledMedium {
  /** What is on it. */
  readonly stored: MemoryMedium;
  /** The medium as a process finds it that starts now; one that is to die tells of its changes. */
  open(killer?: Killer): Promise<Medium>;
}

const SR = '11111111-1111-4111-8111-111111111111';
const MIB = 2 ** 20;

/** An SR with a disk, a snapshot and a clone of it, and an image that was found; all of them with data. */
async function furnished(killed: KilledMedium, isRunning: boolean, { prepare }: Pick<Operation, 'prepare'> = {}) {
  const medium = killed.stored;
  const live = new FakeLiveDisks();
  live.medium = medium;
  const sr = await TreeSr.open(SR, await killed.open(), () => live, fail);
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
  await prepare?.(sr, { disk, snapshot, clone, write });
  await sr.rest();
  const contents = new Map<string, string>();
  for (const { location } of await sr.scan()) contents.set(location, medium.content((await sr.source(location)).path));
  if (isRunning)
    for (const location of [disk, 'found']) live.users.set((await sr.source(location)).path, `domain of ${location}`);
  return { killed, medium, live, disk, snapshot, clone, contents };
}

type Furnished = Awaited<ReturnType<typeof furnished>>;

function newVolume() {
  return { uuid: newUuid(), virtualSize: MIB, name: '', description: '', smConfig: new Map<string, string>() };
}

function fail(error: unknown, message: string): void {
  if (!(error instanceof Death)) throw new Error(message);
}

interface Operation {
  /** What comes before it, of a process that lives. */
  prepare?(
    sr: TreeSr,
    there: Pick<Furnished, 'disk' | 'snapshot' | 'clone'> & {
      write(location: string, block: number, value: string): Promise<void>;
    },
  ): Promise<void>;
  run(sr: TreeSr, there: Furnished, killer: Killer): Promise<unknown>;
  /** The disk that may be gone afterwards. */
  gone?(there: Furnished): string;
  /** The disk that may have other content afterwards, and that. */
  becomes?(there: Furnished): { readonly location: string; readonly content: string };
}

/** Replaces the content of a disk, or gives that up at last. */
async function rewrite(sr: TreeSr, { medium }: Furnished, location: string, end: 'commit' | 'drop'): Promise<void> {
  const fresh = await sr.rewriting(location);
  medium.write(fresh.source.path, 5, 'fresh');
  await fresh[end]();
}

/** Lets layers become one, until so many images are left. */
async function coalesce({ medium }: Furnished, killer: Killer, images: number): Promise<void> {
  const isDone = (): boolean => medium.stored.size === images && medium.intents.size === 0;
  while (!isDone() && killer.left >= 0) await new Promise((resolve) => setTimeout(resolve, 1));
  // What follows the last step is one too.
  await new Promise((resolve) => setTimeout(resolve, 2));
  if (killer.left < 0) throw new Death('coalescing');
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
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
  revert: {
    run: (sr, { clone, snapshot }) => sr.revert(clone, snapshot),
    becomes: ({ clone, snapshot, contents }) => ({ location: clone, content: contents.get(snapshot) ?? '' }),
  },
  'new content of a clone': {
    run: (sr, there) => rewrite(sr, there, there.clone, 'commit'),
    becomes: ({ clone }) => ({ location: clone, content: '5fresh' }),
  },
  'new content of a found image': {
    run: (sr, there) => rewrite(sr, there, 'found', 'commit'),
    becomes: () => ({ location: 'found', content: '5fresh' }),
  },
  'new content that is given up': { run: (sr, there) => rewrite(sr, there, there.clone, 'drop') },
  resize: { run: (sr, { disk }) => sr.resize(disk, 2 * MIB) },
  'coalescing of the newest layer': {
    async prepare(sr, { snapshot, clone }) {
      await sr.destroy(clone);
      await sr.destroy(snapshot);
    },
    run: (_sr, there, killer) => coalesce(there, killer, 2),
  },
  'coalescing of a layer that a snapshot has': {
    async prepare(sr, { disk, snapshot, clone, write }) {
      await sr.snapshot(disk, newUuid());
      await write(disk, 6, 'newest');
      await sr.destroy(clone);
      await sr.destroy(snapshot);
    },
    run: (_sr, there, killer) => coalesce(there, killer, 3),
  },
  'coalescing below several disks': {
    async prepare(sr, { disk, snapshot, clone, write }) {
      const { location } = await sr.snapshot(disk, newUuid());
      await write(disk, 6, 'newest');
      await write((await sr.clone(location, newUuid())).location, 7, 'second');
      await write((await sr.clone(location, newUuid())).location, 8, 'third');
      await sr.destroy(location);
      await sr.destroy(clone);
      await sr.destroy(snapshot);
    },
    run: (_sr, there, killer) => coalesce(there, killer, 5),
  },
};

/** Runs an operation in a process that dies after so many changes; whether it lived to the end. */
async function interrupt(there: Furnished, operation: string, changes: number): Promise<boolean> {
  const killer = new Killer(changes);
  const live = killer.watch(there.live);
  const times = { delay: operation.startsWith('coalescing') ? 0 : 60_000, rest: 0, start: 0, retry: 1, longestRetry: 1 };
  const sr = await TreeSr.open(SR, dyingMedium(await there.killed.open(killer), killer), () => live, fail, { times });
  try {
    await OPERATIONS[operation]?.run(sr, there, killer);
    await sr.rest();
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
  for (const path of live.users.keys()) if (!live.standing.has(path)) medium.write(path, 9, 'later');
  const standing = new Set([...live.standing].map((path) => live.users.get(path)));
  let known = isLate ? new FakeLiveDisks() : live;
  const sr = await TreeSr.open(SR, await there.killed.open(), () => known, fail);
  await sr.scan();
  known = live;
  const found = new Map((await sr.scan()).map((volume) => [volume.location, volume]));
  const { gone, becomes } = OPERATIONS[operation] ?? {};
  const changed = becomes?.(there);
  for (const [location, before] of contents) {
    if (!found.has(location)) {
      expect(location).toBe(gone?.(there));
      continue;
    }
    const now = medium.content((await sr.source(location)).path);
    const isRunning = [...live.users.values()].includes(`domain of ${location}`);
    const possible = [isRunning && !standing.has(`domain of ${location}`) ? `${before} 9later` : before];
    if (location === changed?.location) possible.push(changed.content);
    expect(possible, location).toContain(now);
  }
  expect(found.size - contents.size).toBeLessThanOrEqual(1);
  expect((await (await there.killed.open()).records.load()).intents.size).toBe(0);
  // What is left over belongs to some disk.
  const needed = new Set<string>();
  for (const location of found.keys()) {
    const { path } = await sr.source(location);
    for (let at: string | undefined = path.slice('/sr/'.length); at !== undefined; at = medium.stored.get(at)?.node.parent)
      needed.add(at);
  }
  expect([...medium.stored.keys()].filter((name) => !needed.has(name))).toEqual([]);
  expect([...live.standing]).toEqual([]);
  expect([...medium.memory].filter((uuid) => !found.has(uuid))).toEqual([]);
}

/** Kills processes at each step of each operation and sees what the next one finds. */
export function describeKilled(makeMedium: () => Promise<KilledMedium>): void {
  describe.each([
    ['of idle disks', false, false],
    ['of disks that run', true, false],
    ['of disks that run, and gets to know that late', true, true],
  ])('a daemon that dies during an operation %s', (_name, isRunning, isLate) => {
    it.each(Object.keys(OPERATIONS))('%s: leaves every disk as it was, and nothing else', async (operation) => {
      let steps = 0;
      for (let isDone = false; !isDone; steps++) {
        const there = await furnished(await makeMedium(), isRunning, OPERATIONS[operation]);
        isDone = await interrupt(there, operation, steps);
        await check(there, operation, isLate);
        expect(steps).toBeLessThan(50);
      }
    });
  });
}
