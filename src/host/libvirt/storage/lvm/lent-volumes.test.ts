import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LentVolumes } from './lent-volumes.js';
import type { LvPaths } from './lv-paths.js';
import { diskName } from './names.js';
import { FakeLvm } from './testing/fake-lvm.js';
import { VolumeGroup } from './volume-group.js';

const [LEAF, BASE] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'].map(diskName);
const TIMES = { patience: 300_000, interval: 600_000, delay: 1000 };

/** Devices of the fake. */
function pathsOf(lvm: FakeLvm): LvPaths {
  return {
    check: async () => undefined,
    of: (_group, name) => [name],
    nameAt: (_group, path) => path,
    isThere: (_group, name) => lvm.volumes.get(name)?.isActive === true,
    changed: async () => undefined,
    leaving: async () => undefined,
    idle: (group) => group.idle(),
  };
}

describe('volumes that are lent', () => {
  const leaf = LEAF ?? '';
  const base = BASE ?? '';
  let lvm: FakeLvm;
  let lent: LentVolumes;
  const warnings: string[] = [];
  const active = () => [...lvm.volumes].filter(([, { isActive }]) => isActive).map(([name]) => name);
  const activations = () => lvm.commands.filter((words) => words.includes('--activate')).map((words) => words.join(' '));

  beforeEach(async () => {
    vi.useFakeTimers();
    lvm = new FakeLvm();
    for (const name of [leaf, base, 'foreign']) lvm.put(name);
    const group = await VolumeGroup.open('group', lvm.run);
    lent = new LentVolumes(group, pathsOf(lvm), (_error, message) => void warnings.push(message), TIMES);
  });
  afterEach(async () => {
    await lent.close();
    vi.useRealTimers();
    expect(warnings).toEqual([]);
  });

  it('are active when they are given out, all with one command, and once', async () => {
    await lent.lend([leaf, base], true);
    expect(active()).toEqual([leaf, base]);
    await lent.lend([leaf, base], true);
    expect(activations()).toHaveLength(1);
  });

  it('stay so while they are open, and a while for who was to open them', async () => {
    await lent.lend([leaf, base], true);
    await vi.advanceTimersByTimeAsync(TIMES.patience - 1);
    expect(active()).toEqual([leaf, base]);
    lvm.open.add(leaf).add(base);
    await vi.advanceTimersByTimeAsync(10 * TIMES.interval);
    expect(active()).toEqual([leaf, base]);
    lvm.open.clear();
    lent.released();
    await vi.advanceTimersByTimeAsync(TIMES.delay + 1);
    expect(active()).toEqual([]);
  });

  it('are taken back when nobody opened them, and when nobody told that they were let go', async () => {
    await lent.lend([leaf], true);
    await vi.advanceTimersByTimeAsync(2 * TIMES.patience);
    expect(active()).toEqual([]);
    await lent.lend([base], false);
    lvm.open.add(base);
    await vi.advanceTimersByTimeAsync(2 * TIMES.patience);
    lvm.open.clear();
    await vi.advanceTimersByTimeAsync(2 * TIMES.interval);
    expect(active()).toEqual([]);
    const looks = lvm.commands.length;
    await vi.advanceTimersByTimeAsync(20 * TIMES.interval);
    expect(lvm.commands).toHaveLength(looks);
  });

  it('are kept for a domain that is started again while its end is heard of', async () => {
    await lent.lend([leaf], true);
    lvm.open.add(leaf);
    await vi.advanceTimersByTimeAsync(3 * TIMES.interval);
    lvm.open.clear();
    lent.released();
    await lent.lend([leaf], true);
    await vi.advanceTimersByTimeAsync(TIMES.delay + 1);
    expect(active()).toEqual([leaf]);
  });

  it('are active again for whoever asks while they are taken back', async () => {
    await lent.lend([leaf], true);
    await vi.advanceTimersByTimeAsync(TIMES.patience - 1);
    const asked = vi.advanceTimersByTimeAsync(2).then(() => lent.lend([leaf], true));
    await asked;
    expect(active()).toEqual([leaf]);
  });

  it('are left as they are where they are of others and were active', async () => {
    const foreign = lvm.volumes.get('foreign');
    if (foreign) foreign.isActive = true;
    await lent.lend(['foreign'], false);
    await lent.close();
    expect(active()).toEqual(['foreign']);
  });

  it('that an earlier process left are taken back, but for those that somebody has open', async () => {
    for (const volume of lvm.volumes.values()) volume.isActive = true;
    lvm.open.add(leaf);
    await lent.takeOver([leaf, base]);
    expect(active()).toEqual([leaf, 'foreign']);
    lvm.open.clear();
    await lent.close();
    expect(active()).toEqual(['foreign']);
  });
});
