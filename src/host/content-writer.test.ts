import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../model/error.js';
import { ContentWriter, runs } from './content-writer.js';
import type { Extent, VolumeContent } from './volume-content.js';

const MIB = 2 ** 20;

/** A volume in memory that is slow, and takes note of what is asked of it. */
class SlowContent implements VolumeContent {
  readonly bytes: Buffer;
  readonly asked: string[] = [];
  most = 0;
  failAt = Infinity;
  #underWay: Extent[] = [];

  constructor(size: number, value = 0) {
    this.bytes = Buffer.alloc(size, value);
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.bytes.subarray(offset, offset + length));
  }

  write(offset: number, data: Buffer): Promise<void> {
    return this.#slowly('write', offset, data.length, () => void data.copy(this.bytes, offset));
  }

  zero(offset: number, length: number): Promise<void> {
    return this.#slowly('zero', offset, length, () => void this.bytes.fill(0, offset, offset + length));
  }

  extents(): Promise<readonly Extent[]> {
    return Promise.resolve([]);
  }

  async close(): Promise<void> {}

  async #slowly(what: string, offset: number, length: number, work: () => void): Promise<void> {
    this.asked.push(`${what} ${offset} ${length}`);
    for (const other of this.#underWay)
      if (other.offset < offset + length && offset < other.offset + other.length)
        throw new Error('two at once for the same bytes');
    const extent = { offset, length };
    this.#underWay.push(extent);
    this.most = Math.max(this.most, this.#underWay.length);
    // Later requests end earlier.
    await new Promise((done) => setTimeout(done, 3 + ((this.asked.length * 7) % 5)));
    this.#underWay = this.#underWay.filter((other) => other !== extent);
    if (this.asked.length > this.failAt) throw new ApiError('SR_FULL', '0', '0');
    work();
  }
}

describe('writing pieces to a volume', () => {
  it('gathers what follows one another, and has several requests under way', async () => {
    const content = new SlowContent(20 * MIB);
    const data = randomBytes(18 * MIB);
    const writer = new ContentWriter(content, true);
    for (let at = 0; at < data.length; at += 50_000) await writer.put(MIB / 2 + at, data.subarray(at, at + 50_000));
    await writer.finish();
    expect(content.bytes.subarray(MIB / 2, MIB / 2 + data.length).equals(data)).toBe(true);
    expect(content.asked.slice(0, 2)).toEqual([`write ${MIB / 2} ${MIB / 2}`, `write ${MIB} ${MIB}`]);
    expect(content.asked).toHaveLength(19);
    expect(content.most).toBeGreaterThan(3);
    expect(content.most).toBeLessThanOrEqual(8);
  });

  it('takes pieces in any order, and later ones over earlier ones', async () => {
    const content = new SlowContent(4 * MIB, 9);
    const writer = new ContentWriter(content, false);
    const expected = Buffer.alloc(4 * MIB, 9);
    for (let n = 0; n < 60; n++) {
      const offset = (n * 1_234_567) % (3 * MIB);
      const data = Buffer.alloc(100_000 + n, n % 3 === 0 ? 0 : n);
      data.copy(expected, offset);
      await writer.put(offset, data);
    }
    await writer.finish();
    expect(content.bytes.equals(expected)).toBe(true);
  });

  it('writes no zeros where there are zeros, and makes them where there is something else', async () => {
    const data = Buffer.concat([Buffer.alloc(MIB), Buffer.alloc(65_536, 1), Buffer.alloc(MIB)]);
    for (const isBlank of [true, false]) {
      const content = new SlowContent(3 * MIB, isBlank ? 0 : 5);
      const writer = new ContentWriter(content, isBlank);
      await writer.put(0, data);
      await writer.finish();
      expect(content.bytes.subarray(0, data.length).equals(data)).toBe(true);
      expect(content.asked.filter((what) => what.startsWith('write'))).toEqual([`write ${MIB} 65536`]);
      expect(content.asked.some((what) => what.startsWith('zero'))).toBe(!isBlank);
    }
  });

  it('tells of a failure, soon, and leaves nothing under way', async () => {
    const content = new SlowContent(100 * MIB);
    content.failAt = 3;
    const writer = new ContentWriter(content, true);
    const all = async (): Promise<void> => {
      for (let at = 0; at < content.size; at += MIB) await writer.put(at, Buffer.alloc(MIB, 1));
    };
    await expect(all()).rejects.toMatchObject({ code: 'SR_FULL' });
    await writer.settle();
    const asked = content.asked.length;
    expect(asked).toBeLessThan(30);
    await expect(writer.finish()).rejects.toMatchObject({ code: 'SR_FULL' });
    expect(content.asked).toHaveLength(asked);
  });
});

it('cuts bytes where zeros begin and end', () => {
  const bytes = Buffer.alloc(5 * 65_536 + 10);
  bytes[65_536] = 1;
  bytes[5 * 65_536 + 9] = 1;
  expect([...runs(bytes)].map(({ offset, bytes: part, isZero }) => [offset, part.length, isZero])).toEqual([
    [0, 65_536, true],
    [65_536, 65_536, false],
    [2 * 65_536, 3 * 65_536, true],
    [5 * 65_536, 10, false],
  ]);
  expect([...runs(Buffer.alloc(0))]).toEqual([]);
});
