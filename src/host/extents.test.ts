import { describe, expect, it } from 'vitest';
import { ExtentList, intersectionOf, pieces, unionOf, within } from './extents.js';
import type { Extent } from './volume-content.js';

const SIZE = 300;

/** Some parts of a small disk, different for every seed, and the bytes in them. */
function some(seed: number): { readonly extents: readonly Extent[]; readonly bytes: ReadonlySet<number> } {
  const list = new ExtentList();
  const bytes = new Set<number>();
  let state = seed * 7919 + 17;
  const next = (): number => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state;
  };
  for (let at = next() % 9; at < SIZE; at += next() % 9) {
    const length = Math.min(next() % 7, SIZE - at);
    list.add(at, length);
    for (let byte = at; byte < at + length; byte++) bytes.add(byte);
    at += length;
  }
  return { extents: list.all(), bytes };
}

function bytesOf(extents: readonly Extent[]): ReadonlySet<number> {
  const bytes = new Set<number>();
  let end = -1;
  for (const { offset, length } of extents) {
    expect(offset).toBeGreaterThan(end);
    expect(length).toBeGreaterThan(0);
    end = offset + length;
    for (let byte = offset; byte < end; byte++) bytes.add(byte);
  }
  return bytes;
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('parts of disks', () => {
  it.each(seeds)('are joined, cut and put together byte by byte (%i)', (seed) => {
    const [first, second] = [some(seed), some(seed + 1000)];
    expect(bytesOf(first.extents)).toEqual(first.bytes);
    expect(bytesOf(unionOf(first.extents, second.extents))).toEqual(new Set([...first.bytes, ...second.bytes].sort(ascending)));
    expect(bytesOf(intersectionOf(first.extents, second.extents))).toEqual(both(first.bytes, second.bytes));
    expect(bytesOf(within(first.extents, 50, 120))).toEqual(new Set([...first.bytes].filter((byte) => byte >= 50 && byte < 120)));
  });

  it('become fewer and larger when there are too many', () => {
    const list = new ExtentList(100);
    const size = 65_536;
    for (let index = 0; index < 1000; index++) list.add(index * 3 * size, size);
    const all = list.all();
    expect(all.length).toBeLessThanOrEqual(100);
    for (let index = 0; index < 1000; index++) {
      const at = index * 3 * size;
      expect(all.some(({ offset, length }) => offset <= at && offset + length >= at + size)).toBe(true);
    }
  });

  it('come in pieces that end at multiples', () => {
    expect([...pieces({ offset: 5, length: 20 }, 10)]).toEqual([
      { offset: 5, length: 5 },
      { offset: 10, length: 10 },
      { offset: 20, length: 5 },
    ]);
    expect([...pieces({ offset: 10, length: 0 }, 10)]).toEqual([]);
  });
});

function ascending(first: number, second: number): number {
  return first - second;
}

function both(first: ReadonlySet<number>, second: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...first].filter((byte) => second.has(byte)));
}
