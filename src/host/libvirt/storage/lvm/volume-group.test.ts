import { describe, expect, it } from 'vitest';
import { parseGroup, parseIdle } from './group-report.js';
import { LvmError, lvmError } from './lvm-error.js';
import { FakeLvm } from './testing/fake-lvm.js';
import { VolumeGroup } from './volume-group.js';

const MIB = 2 ** 20;

async function opened(extents?: number): Promise<{ lvm: FakeLvm; group: VolumeGroup }> {
  const lvm = new FakeLvm('group', extents);
  return { lvm, group: await VolumeGroup.open('group', lvm.run) };
}

describe('a volume group', () => {
  it('is known after one report and follows what is changed', async () => {
    const { lvm, group } = await opened();
    await group.create('a', 5 * MIB, ['x', 'y']);
    await group.extend('a', 9 * MIB);
    await group.extend('a', MIB);
    await group.retag('a', { add: ['z'], remove: ['x'] });
    await group.create('b', MIB, []);
    await group.remove(['b', 'never there']);
    await group.reduce('a', 3 * MIB);
    await group.tag({ add: ['t'] });
    const known = group.facts;
    expect(lvm.commands.filter(([command]) => command === 'fullreport')).toHaveLength(1);
    await group.refresh();
    expect(known).toEqual(group.facts);
    expect(group.volume('a')).toMatchObject({ size: 4 * MIB, tags: new Set(['y', 'z']) });
  });

  it('takes what its device has grown by, which must be worth it, and asks for it once', async () => {
    const { lvm, group } = await opened(100);
    const look = async () => {
      await group.refresh();
      await group.takeGrown();
      return group.facts.size / MIB;
    };
    expect(await look()).toBe(400);
    lvm.grow(23);
    expect(await look()).toBe(400);
    lvm.grow(1);
    lvm.failure = new LvmError('failed', 'pvresize fails');
    await expect(look()).rejects.toThrow('pvresize fails');
    expect(await look()).toBe(400);
    lvm.grow(1);
    expect(await look()).toBe(500);
    expect(await look()).toBe(500);
    expect(lvm.commands.filter(([command]) => command === 'pvresize')).toEqual(Array(2).fill(['pvresize', '/dev/sdz']));
  });

  it('sees what others did after a refresh, and reads once for all who ask at the same time', async () => {
    const { lvm, group } = await opened();
    lvm.put('other');
    expect(group.volume('other')).toBeUndefined();
    await Promise.all([group.refresh(), group.refresh(), group.refresh()]);
    expect(group.volume('other')).toBeDefined();
    expect(lvm.commands.filter(([command]) => command === 'fullreport')).toHaveLength(2);
  });

  it('writes tags that wait together, as they are wanted last', async () => {
    const { lvm, group } = await opened();
    const first = group.create('a', MIB, []);
    const tags = [
      ...Array.from({ length: 20 }, (_, at) => group.tag({ add: [`t${at}`] })),
      group.tag({ remove: ['t3'] }),
      group.tag({ add: ['t4'], remove: ['t4'] }),
    ];
    await Promise.all([first, ...tags]);
    expect(lvm.changes()).toEqual(['lvcreate', 'vgchange']);
    expect([...lvm.tags].sort()).toEqual(
      Array.from({ length: 20 }, (_, at) => `t${at}`)
        .filter((tag) => tag !== 't3')
        .sort(),
    );
  });

  it('asks LVM for nothing that is so already', async () => {
    const { lvm, group } = await opened();
    await group.tag({ add: ['t'] });
    await group.tag({ add: ['t'], remove: ['never there'] });
    await group.remove(['never there']);
    expect(lvm.changes()).toEqual(['vgchange']);
  });

  it('stays as it is known when LVM refuses, and goes on', async () => {
    const { lvm, group } = await opened(2);
    await expect(group.create('large', 20 * MIB, [])).rejects.toMatchObject({ failure: 'full' });
    expect(group.volume('large')).toBeUndefined();
    lvm.failure = new LvmError('failed', 'lost');
    await expect(group.tag({ add: ['t'] })).rejects.toThrow('lost');
    expect(group.facts.tags.has('t')).toBe(false);
    await group.tag({ add: ['t'] });
    await group.create('small', MIB, []);
    expect(group.facts.free).toBe(4 * MIB);
  });
});

describe('reports', () => {
  it('that are something else are refused', () => {
    for (const text of ['', 'no', '{}', '{"report":[{"vg":[],"lv":[]}]}', '{"report":[{"vg":[{"vg_name":"x"}],"lv":[]}]}']) {
      expect(() => parseGroup(text), text).toThrow(LvmError);
      if (text.length < 5) expect(() => parseIdle(text)).toThrow(LvmError);
    }
  });

  it('tell pools and parts of others from disks', () => {
    const row = (lv_name: string, lv_attr: string) => ({ lv_name, lv_attr, lv_size: '4194304', lv_tags: '' });
    const vg = { vg_name: 'g', vg_size: '1', vg_free: '0', vg_extent_size: '1', vg_attr: 'wz--ns', vg_tags: 'a,b' };
    const lv = [row('pool', 'twi-aotz--'), row('thin', 'Vwi-a-tz--'), row('plain', '-wi-------'), row('mirror', 'rwi-a-r---')];
    const pv = [{ pv_name: '[unknown]', pv_size: '1', dev_size: '' }];
    const group = parseGroup(JSON.stringify({ report: [{ vg: [vg], pv, lv }] }));
    expect(Array.from(group.volumes.values(), ({ name, isDisk }) => [name, isDisk])).toEqual([
      ['pool', false],
      ['thin', true],
      ['plain', true],
      ['mirror', true],
    ]);
    expect(group).toMatchObject({ isShared: true, tags: new Set(['a', 'b']) });
    // Of a device that is missing, LVM knows no size.
    expect(group.devices).toEqual([{ path: '[unknown]', size: 1, deviceSize: 0 }]);
  });
});

describe('what LVM complains of', () => {
  it('is known by its words, without its warnings', () => {
    const cases = [
      ['  Volume group "g" has insufficient free space (1001 extents): 25600 required.', 'full'],
      ['  Logical volume g/a in use.', 'inUse'],
      ['  Logical volume g/a contains a filesystem in use.', 'inUse'],
      ['  Volume group "nope" not found\n  Cannot process volume group nope', 'missing'],
      ['  Failed to find logical volume "g/nope"', 'missing'],
      ['  something else', 'failed'],
      ['', 'failed'],
    ] as const;
    for (const [text, failure] of cases) {
      const error = lvmError(`  WARNING: This metadata update is NOT backed up.\n${text}\n`, 'ended with 5');
      expect(error, text).toMatchObject({ failure });
      expect(error.message).not.toContain('WARNING');
      expect(error.message).not.toBe('');
    }
  });
});
