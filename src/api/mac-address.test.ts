import { describe, expect, it } from 'vitest';
import { macFromSeed } from './mac-address.js';

describe('macFromSeed', () => {
  it('always gives a device the same local address, and each device another', () => {
    const seed = 'b4f1e2a7-3c58-4a0e-9d0c-0a6c6ad2f111';
    const macs = Array.from({ length: 8 }, (_, device) => macFromSeed(seed, device));
    expect(new Set(macs).size).toBe(8);
    expect(macFromSeed(seed, 3)).toBe(macs[3]);
    for (const mac of macs) expect(mac).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    // First round: the digest of the seed; the last two bytes come from the digest of that.
    expect(macs[0]?.slice(3)).toBe('cb:90:30:02:5e');
  });
});
