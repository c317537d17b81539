import { describe, expect, it } from 'vitest';
import { formatCpuSet, parseCpuSet, parseCpuSets } from './cpu-set.js';

describe('a set of CPUs', () => {
  it.each([
    ['0', [0]],
    ['3, 1,2', [1, 2, 3]],
    ['0-3,^2,8', [0, 1, 3, 8]],
    ['16383', [16_383]],
  ])('is read: %s', (text, numbers) => expect(parseCpuSet(text)).toEqual(numbers));

  it.each(['', 'a', '-1', '1-', '16384', '5-3', '0;1', '0,,1'])('is none: %s', (text) => {
    expect(parseCpuSet(text)).toBeUndefined();
  });

  it('is written with ranges', () => expect(formatCpuSet([0, 1, 2, 5])).toBe('0-2,5'));
});

describe('sets of CPUs', () => {
  it('are read one by one, or not at all', () => {
    expect(parseCpuSets('0;1,2')).toEqual([[0], [1, 2]]);
    expect(parseCpuSets('0;x')).toEqual([]);
    expect(parseCpuSets('')).toEqual([]);
  });

  it('do not keep the daemon busy for long, however long the text', () => {
    const begun = performance.now();
    expect(parseCpuSet(`${'0-16383,'.repeat(100_000)}0`)).toBeUndefined();
    expect(parseCpuSets(`${'0-16383;'.repeat(100_000)}0`)).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
