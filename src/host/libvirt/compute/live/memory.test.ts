import { describe, expect, it } from 'vitest';
import { targetWithin } from './memory.js';

const MIB = 2 ** 20;

describe('the memory that a guest is given', () => {
  it('is the maximum where the host has it, else all that it has', () => {
    expect(targetWithin(128 * MIB, 256 * MIB, 1024 * MIB)).toBe(256 * MIB);
    expect(targetWithin(128 * MIB, 256 * MIB, 200 * MIB)).toBe(200 * MIB);
  });

  it('is whole kibibytes', () => {
    expect(targetWithin(0, 2 * MIB + 1, 4 * MIB)).toBe(2 * MIB);
  });

  it('is refused where the host has not even the minimum', () => {
    expect(() => targetWithin(128 * MIB, 256 * MIB, 100 * MIB)).toThrow('HOST_NOT_ENOUGH_FREE_MEMORY');
  });
});
