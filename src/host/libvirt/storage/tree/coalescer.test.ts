import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Volume } from '../../../storage.js';
import { FakeLiveDisks } from '../testing/fake-live-disks.js';
import { MemoryMedium } from '../testing/memory-medium.js';
import type { CoalescingTimes } from './coalescer.js';
import { MergeTurns } from './merge-turns.js';
import { TreeSr } from './tree-sr.js';

const MIB = 2 ** 20;
const AT_ONCE: CoalescingTimes = { delay: 0, rest: 0, start: 0, retry: 5, longestRetry: 20 };

let medium: MemoryMedium;
let live: FakeLiveDisks;
let sr: TreeSr;
let warnings: string[];
let turns: MergeTurns;

const open = (times: Partial<CoalescingTimes> = {}): Promise<TreeSr> =>
  TreeSr.open(
    '11111111-1111-4111-8111-111111111111',
    medium,
    () => live,
    (_error, message) => void warnings.push(message),
    { times: { ...AT_ONCE, ...times }, turns },
  );

beforeEach(async () => {
  medium = new MemoryMedium();
  live = new FakeLiveDisks();
  live.medium = medium;
  warnings = [];
  turns = new MergeTurns(1);
  sr = await open();
});
afterEach(() => sr.close());

const make = (): Promise<Volume> =>
  sr.create({ uuid: newUuid(), virtualSize: MIB, name: 'disk', description: '', smConfig: new Map() });
const path = async (location: string): Promise<string> => (await sr.source(location)).path;
const content = async (location: string): Promise<string> => medium.content(await path(location));
const write = async (location: string, block: number, value: string): Promise<void> =>
  medium.write(await path(location), block, value);
const settled = (images: number): Promise<void> =>
  expect.poll(() => [medium.stored.size, medium.intents.size]).toEqual([images, 0]);
/** A disk with so many snapshots; each has a block of its own, and one is written anew each time. */
const withSnapshots = async (count: number, isRunning = false): Promise<{ location: string; snapshots: string[] }> => {
  const { location } = await make();
  if (isRunning) live.users.set(await path(location), 'domain');
  const snapshots: string[] = [];
  for (let n = 0; n <= count; n++) {
    await write(location, n + 1, 'own');
    await write(location, 0, `${n}`);
    if (n < count) snapshots.push((await sr.snapshot(location, newUuid())).location);
  }
  return { location, snapshots };
};

describe.each([
  ['idle', false],
  ['running', true],
])('layers of a disk that is %s', (_name, isRunning) => {
  it('are one again when its snapshots are gone', async () => {
    const { location, snapshots } = await withSnapshots(10, isRunning);
    expect(medium.stored.size).toBe(11);
    const before = await content(location);
    for (const snapshot of snapshots) await sr.destroy(snapshot);
    await settled(1);
    expect(await content(location)).toBe(before);
    await write(location, 0, 'later');
    expect(await content(location)).toContain('0later');
    expect(live.standing.size).toBe(0);
    expect(warnings).toEqual([]);
  });

  it('that snapshots have stay', async () => {
    const { location, snapshots } = await withSnapshots(3, isRunning);
    const [first = '', second = '', third = ''] = snapshots;
    const before = [await content(location), await content(first), await content(third)];
    await sr.destroy(second);
    await settled(3);
    expect([await content(location), await content(first), await content(third)]).toEqual(before);
  });

  it('on which clones stand are put together below them', async () => {
    const { location, snapshots } = await withSnapshots(2, isRunning);
    const [first = '', second = ''] = snapshots;
    const clones = [await sr.clone(second, newUuid()), await sr.clone(second, newUuid())].map((clone) => clone.location);
    for (const clone of clones) await write(clone, 7, 'clone');
    const before = await Promise.all([location, second, ...clones].map(content));
    await sr.destroy(first);
    await settled(4);
    expect(await Promise.all([location, second, ...clones].map(content))).toEqual(before);
  });

  it('are put together after a restart too', async () => {
    await sr.rest();
    const { location, snapshots } = await withSnapshots(1, isRunning);
    const before = await content(location);
    for (const snapshot of snapshots) await sr.destroy(snapshot);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(medium.stored.size).toBe(2);
    sr = await open();
    await settled(1);
    expect(await content(location)).toBe(before);
  });

  it('keep what the disk is, also when it has grown', async () => {
    const { location, snapshots } = await withSnapshots(1, isRunning);
    await sr.resize(location, 3 * MIB);
    if (isRunning) {
      const name = (await path(location)).slice('/sr/'.length);
      const node = await medium.node(name);
      if (node) await medium.growNode(node, 3 * MIB);
    }
    for (const snapshot of snapshots) await sr.destroy(snapshot);
    await settled(1);
    expect(await sr.scan()).toMatchObject([{ location, virtualSize: 3 * MIB }]);
  });
});

describe('coalescing', () => {
  it('gives way to whoever wants a disk, and begins anew afterwards', async () => {
    const { location, snapshots } = await withSnapshots(1, true);
    let begun = 0;
    let go: () => void = () => undefined;
    live.onCommit = () => {
      begun++;
      return new Promise<void>((resolve) => (go = resolve));
    };
    await sr.destroy(snapshots[0] ?? '');
    await expect.poll(() => begun).toBe(1);
    const taken = sr.snapshot(location, newUuid());
    await Promise.resolve();
    go();
    const second = await taken;
    expect(live.merges).toEqual([]);
    expect(medium.stored.size).toBe(3);
    live.onCommit = async () => undefined;
    await settled(2);
    await sr.destroy(second.location);
    await settled(1);
  });

  it('leaves a disk alone that somebody is about to open', async () => {
    await sr.close();
    sr = await open({ start: 50 });
    const { location, snapshots } = await withSnapshots(1);
    await sr.source(location);
    await sr.destroy(snapshots[0] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(medium.stored.size).toBe(2);
    await settled(1);
  });

  it('leaves alone what a stream writes to', async () => {
    const { location, snapshots } = await withSnapshots(1);
    const writer = await sr.writing(location);
    await sr.destroy(snapshots[0] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 15));
    const before = medium.stored.size;
    writer.release();
    await settled(1);
    expect(before).toBe(2);
  });

  it('tries again when libvirt cannot, and tells so once', async () => {
    const { location, snapshots } = await withSnapshots(1, true);
    live.failure = new Error('QEMU refuses');
    await sr.destroy(snapshots[0] ?? '');
    await expect.poll(() => warnings.length).toBe(1);
    const before = await content(location);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(warnings).toHaveLength(1);
    live.failure = undefined;
    await settled(1);
    expect(await content(location)).toBe(before);
  });

  it('waits while several domains use a layer', async () => {
    const { location, snapshots } = await withSnapshots(2);
    const [first = '', second = ''] = snapshots;
    const { location: clone } = await sr.clone(second, newUuid());
    await write(clone, 5, 'clone');
    await sr.rest();
    sr = await open();
    for (const one of [location, clone]) live.users.set(await path(one), one);
    await sr.destroy(first);
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(medium.stored.size).toBe(4);
    live.release(await path(clone));
    await settled(3);
    expect(warnings).toEqual([]);
  });

  it('does not touch what the tools of libvirt have put there', async () => {
    const { location } = await make();
    const before = (await path(location)).slice('/sr/'.length);
    medium.originOf = (name) => (name === 'own-by-virsh' ? before : name);
    medium.find('own-by-virsh', MIB, before);
    await sr.scan();
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect([...medium.stored.keys()]).toEqual([before, 'own-by-virsh']);
  });

  it('happens in so many places at once, and no more', async () => {
    expect(turns.tryTake(() => undefined)).toBe(true);
    const { snapshots } = await withSnapshots(1);
    await sr.destroy(snapshots[0] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(medium.stored.size).toBe(2);
    turns.release();
    await settled(1);
  });
});
