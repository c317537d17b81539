import { v4 as newUuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { Killer } from '../testing/dying-medium.js';
import { describeKilled } from '../testing/killed-operations.js';
import { MemoryMedium } from '../testing/memory-medium.js';
import type { Records } from '../tree/medium.js';
import type { VolumeRecord } from '../tree/records.js';
import { RecordTags } from './record-tags.js';
import { FakeLvm } from './testing/fake-lvm.js';
import { VolumeGroup } from './volume-group.js';

/** Disks in memory, with records in the tags of a group. */
class TaggedMedium extends MemoryMedium {
  override readonly stored: MemoryMedium['stored'];
  override readonly memory: MemoryMedium['memory'];
  override readonly records: RecordTags;

  constructor({ stored, memory }: MemoryMedium, records: RecordTags) {
    super();
    this.stored = stored;
    this.memory = memory;
    this.records = records;
  }

  override async removeNode(name: string): Promise<void> {
    await this.records.beforeRemoval();
    await super.removeNode(name);
  }
}

/** Tags that take claims too, as they would if what is found could become ours: all operations are tried on all disks. */
class ClaimingRecords extends RecordTags {
  readonly #claims: Set<string>;

  constructor(group: VolumeGroup, claims: Set<string>) {
    super(group, fail, false);
    this.#claims = claims;
  }

  override async load(): Promise<Records> {
    return { ...(await super.load()), claims: [...this.#claims] };
  }

  override async putClaim(node: string): Promise<void> {
    // A claim is there at once, and must not come before the record that waits: its node would be nobody's.
    await this.flush();
    this.#claims.add(node);
  }

  override async removeClaim(node: string): Promise<void> {
    this.#claims.delete(node);
  }
}

function fail(_error: unknown, message: string): void {
  throw new Error(message);
}

async function groupOf(lvm: FakeLvm, killer?: Killer): Promise<VolumeGroup> {
  return VolumeGroup.open(lvm.name, async (words) => {
    if (words[0] === 'vgchange') killer?.step('vgchange');
    return lvm.run(words);
  });
}

async function recordsOf(lvm: FakeLvm, isReadOnly = false): Promise<RecordTags> {
  return new RecordTags(await groupOf(lvm), fail, isReadOnly);
}

describeKilled(async () => {
  const lvm = new FakeLvm();
  const stored = new MemoryMedium();
  return {
    stored,
    open: async (killer) => new TaggedMedium(stored, new ClaimingRecords(await groupOf(lvm, killer), stored.claims)),
  };
});

function recordOf(node = 'node', description = ''): VolumeRecord {
  const uuid = newUuid();
  return {
    uuid,
    location: uuid,
    node,
    readOnly: false,
    name: 'disk',
    description,
    properties: new Map([['type', 'suspend']]),
    smConfig: new Map([['k', 'v']]),
  };
}

describe('records in tags', () => {
  it('are all there for the next process', async () => {
    const lvm = new FakeLvm();
    const records = await recordsOf(lvm);
    const kept = [recordOf('a', 'ünïcode "quotes"'), recordOf('b'), recordOf('c', 'x'.repeat(4000))];
    const gone = recordOf();
    for (const record of [...kept, gone]) await records.putVolume(record);
    await records.putVolume({ ...gone, name: 'renamed' });
    await records.removeVolume(gone.uuid);
    const id = newUuid();
    await records.putIntent(id, { nodes: ['n'], volumes: [gone.uuid] });
    const found = await (await recordsOf(lvm)).load();
    expect([...found.volumes].sort((x, y) => x.node.localeCompare(y.node))).toEqual(kept);
    expect(found.intents).toEqual(new Map([[id, { nodes: ['n'], volumes: [gone.uuid] }]]));
  });

  it('of one operation are written with its end, at the price of one change', async () => {
    const lvm = new FakeLvm();
    const records = await recordsOf(lvm);
    const [moved, copy] = [recordOf('overlay'), recordOf('base')];
    const id = newUuid();
    await records.putIntent(id, { nodes: ['overlay'], volumes: [copy.uuid] });
    await records.putVolume(moved);
    await records.putVolume(copy);
    expect((await (await recordsOf(lvm)).load()).volumes).toEqual([]);
    await records.removeIntent(id);
    expect(lvm.changes()).toEqual(['vgchange', 'vgchange']);
    const found = await (await recordsOf(lvm)).load();
    expect(found.volumes).toHaveLength(2);
    expect(found.intents.size).toBe(0);
  });

  it('that no operation names are written at once', async () => {
    const lvm = new FakeLvm();
    const records = await recordsOf(lvm);
    await records.putIntent(newUuid(), { nodes: ['other'], volumes: [newUuid()] });
    await records.putVolume(recordOf());
    expect((await (await recordsOf(lvm)).load()).volumes).toHaveLength(1);
  });

  it('are written before data goes that they might still name', async () => {
    const lvm = new FakeLvm();
    const records = await recordsOf(lvm);
    const record = recordOf('old');
    await records.putVolume(record);
    await records.putIntent(newUuid(), { nodes: ['new', 'old'], volumes: [] });
    await records.putVolume({ ...record, node: 'new' });
    await records.beforeRemoval();
    expect((await (await recordsOf(lvm)).load()).volumes).toMatchObject([{ node: 'new' }]);
  });

  it('wait on when LVM refuses', async () => {
    const lvm = new FakeLvm();
    const records = await recordsOf(lvm);
    const record = recordOf();
    lvm.failure = new Error('busy');
    await expect(records.putVolume(record)).rejects.toThrow('busy');
    await records.putVolume({ ...record, name: 'later' });
    expect((await (await recordsOf(lvm)).load()).volumes).toMatchObject([{ name: 'later' }]);
  });

  it('keep as much of a long description as fits, and refuse other long texts', async () => {
    const lvm = new FakeLvm();
    const records = await recordsOf(lvm);
    await records.putVolume(recordOf('a', 'y'.repeat(2 ** 20)));
    expect((await (await recordsOf(lvm)).load()).volumes[0]?.description).toMatch(/^y{1000,5000}$/);
    const long = Array.from({ length: 20_000 }, () => newUuid()).join('');
    await expect(records.putVolume({ ...recordOf(), smConfig: new Map([['k', long]]) })).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    });
  });

  it('of a group of an XCP host are not changed', async () => {
    const records = await recordsOf(new FakeLvm(), true);
    await expect(records.putIntent(newUuid(), { nodes: [], volumes: [] })).rejects.toMatchObject({
      code: 'SR_OPERATION_NOT_SUPPORTED',
    });
  });
});
