import { describe, expect, it } from 'vitest';
import { fixed } from './float-text.js';

describe('a float as text', () => {
  it('has its decimals', () => {
    expect([1, 0.5, 2 / 3, -0.25, 1234567.8916].map((value) => fixed(value, 3))).toEqual([
      '1.000',
      '0.500',
      '0.667',
      '-0.250',
      '1234567.892',
    ]);
    expect(fixed(12.34, 1)).toBe('12.3');
  });

  it('has no exponent, however large it is', () => {
    expect(fixed(1e22, 3)).toBe('10000000000000000000000.000');
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => fixed(value, 3))).toEqual([
      'nan',
      'inf',
      '-inf',
    ]);
  });
});
