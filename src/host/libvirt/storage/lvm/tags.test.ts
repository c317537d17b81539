import { randomBytes } from 'node:crypto';
import { v4 as newUuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { diskName, diskUuid, isLvmName, mapperName, xcpSrOf } from './names.js';
import { memorySizeOf, memoryTag, nodeOf, nodeTag, srOf, srTag } from './node-tag.js';
import { textsOf, textTags } from './tag-text.js';

/** What LVM takes for a tag. */
const TAG = /^[A-Za-z0-9_+.][A-Za-z0-9_+.\-/=!:&#]{0,1023}$/;
const KIND = 'xenapi.volume';
const read = (tags: Iterable<string>) => [...textsOf(tags, new Set([KIND]))];

describe('texts in tags', () => {
  it('are tags to LVM and come back as they were, whatever is in them', () => {
    for (const text of ['', 'plain', '"quotes", \u0000, \n, ü, 日本', randomBytes(20_000).toString('base64')]) {
      const id = newUuid();
      const tags = textTags(KIND, id, text);
      for (const tag of tags) expect(tag).toMatch(TAG);
      expect(new Set(tags).size).toBe(tags.length);
      expect(read(['other', ...tags.toReversed(), 'xenapi.sr.x'])).toEqual([{ kind: KIND, id, tags: expect.anything(), text }]);
    }
  });

  it('are told to be damaged when a part is missing, cut off, or of another text', () => {
    const id = newUuid();
    const long = randomBytes(5000).toString('base64');
    const tags = textTags(KIND, id, long);
    expect(tags.length).toBeGreaterThan(3);
    const damaged: (readonly string[])[] = [
      tags.slice(1),
      [...tags, ...textTags(KIND, id, 'other')],
      tags.map((tag, at) => (at === tags.length - 1 ? tag.slice(0, -40) : tag)),
    ];
    for (const some of damaged) expect(read(some)).toMatchObject([{ id, text: undefined, tags: some }]);
  });

  it('are refused when there would be too many of them', () => {
    expect(() => textTags(KIND, newUuid(), randomBytes(100_000).toString('base64'))).toThrow(RangeError);
  });

  it('do not unpack to more than anybody wrote', () => {
    const bomb = textTags(KIND, newUuid(), 'x'.repeat(2 ** 21));
    expect(bomb.length).toBeLessThan(10);
    expect(read(bomb)).toMatchObject([{ text: undefined }]);
  });
});

describe('tags of volumes', () => {
  it('say what a layer is', () => {
    const parent = diskName(newUuid());
    for (const node of [
      { format: 'qcow2', virtualSize: 2 ** 45, parent },
      { format: 'raw', virtualSize: 512, parent: undefined },
    ] as const) {
      const tag = nodeTag(node);
      expect(tag).toMatch(TAG);
      expect(nodeOf(['other', tag])).toEqual(node);
    }
  });

  it('say nothing that was not said by us', () => {
    const strange = [
      'xenapi.node.qcow2.1.../etc/passwd',
      'xenapi.node.vmdk.1.none',
      'xenapi.node.raw.99999999999999999.none',
      'x',
    ];
    for (const tag of strange) expect(nodeOf([tag]), tag).toBeUndefined();
  });

  it('take the larger size where a crash left two', () => {
    const [small, large] = [1024, 4096].map((virtualSize) => nodeTag({ format: 'qcow2', virtualSize, parent: undefined }));
    if (small === undefined || large === undefined) throw new Error('two tags');
    expect(nodeOf([large, small])?.virtualSize).toBe(4096);
    expect(nodeOf([small, large])?.virtualSize).toBe(4096);
  });

  it('say how large a memory is, and which SR a group is', () => {
    expect(memorySizeOf(['a', memoryTag(12345)])).toBe(12345);
    expect(memorySizeOf(['a'])).toBeUndefined();
    const uuid = newUuid();
    expect(srOf([srTag(uuid)])).toBe(uuid);
    expect(srOf(['xenapi.sr.x'])).toBeUndefined();
  });
});

describe('names', () => {
  it('are ours with our prefix and a uuid only', () => {
    const uuid = newUuid();
    expect(diskUuid(diskName(uuid))).toBe(uuid);
    for (const name of [uuid, `VHD-${uuid}`, 'xenapi-disk-1', `xenapi-memory-${uuid}`]) expect(diskUuid(name)).toBeUndefined();
    expect(xcpSrOf(`VG_XenStorage-${uuid}`)).toBe(uuid);
    expect(xcpSrOf('VG_XenStorage-old')).toBeUndefined();
  });

  it('are what LVM takes, and no paths or options', () => {
    for (const name of ['root', 'a+b_c.d-e', '0']) expect(isLvmName(name)).toBe(true);
    for (const name of ['', '.', '..', '-n', 'a/b', 'a b', '@tag', 'a"b', 'x'.repeat(120)]) expect(isLvmName(name)).toBe(false);
  });

  it('are those of device-mapper with their hyphens doubled', () => {
    expect(mapperName('my-vg', 'my-lv')).toBe('my--vg-my--lv');
  });
});
