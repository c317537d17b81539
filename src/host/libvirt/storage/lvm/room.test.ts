import { describe, expect, it } from 'vitest';
import { firstSize, fullSize, growthOf, STEPS, sizeFor, thresholdOf } from './room.js';

const GIB = 2 ** 30;

describe('room for images', () => {
  it('is a step at first, or all where that is less or wanted', () => {
    expect(firstSize(100 * GIB, STEPS, false)).toBe(STEPS.step);
    expect(firstSize(2 ** 20, STEPS, false)).toBe(fullSize(2 ** 20));
    expect(firstSize(100 * GIB, STEPS, true)).toBe(fullSize(100 * GIB));
  });

  it('is more before it is full, until all that could be needed is there', () => {
    const disk = 20 * GIB;
    let size = firstSize(disk, STEPS, false);
    let steps = 0;
    for (let threshold = thresholdOf(size, disk, STEPS); threshold !== undefined; threshold = thresholdOf(size, disk, STEPS)) {
      expect(threshold).toBeLessThanOrEqual(size - STEPS.reserve);
      expect(sizeFor(threshold - 1, size, disk, STEPS)).toBe(size);
      const larger = sizeFor(threshold + 1, size, disk, STEPS);
      expect(larger - size).toBeLessThanOrEqual(STEPS.step);
      expect(larger).toBeGreaterThan(size);
      size = larger;
      expect(++steps).toBeLessThan(20);
    }
    expect(size).toBe(fullSize(disk));
    expect(sizeFor(size, size, disk, STEPS)).toBe(size);
  });

  it('is enough at once for a writer that is far ahead', () => {
    expect(sizeFor(9 * GIB, 2 * GIB, 20 * GIB, STEPS)).toBe(11 * GIB);
    expect(sizeFor(30 * GIB, 2 * GIB, 20 * GIB, STEPS)).toBe(fullSize(20 * GIB));
  });

  it('counts clusters that are touched at either end, and tables', () => {
    expect(growthOf(1)).toBeGreaterThanOrEqual(4 * 65_536);
    expect(growthOf(GIB)).toBeGreaterThan(GIB + (GIB / 65_536) * 8);
    expect(growthOf(GIB)).toBeLessThan(1.001 * GIB);
  });
});
