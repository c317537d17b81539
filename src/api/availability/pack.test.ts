import { describe, expect, it } from 'vitest';
import { pack } from './pack.js';

const sizes = (entries: { [name: string]: number }) => new Map(Object.entries(entries));

describe('pack', () => {
  it('puts the largest first, where most room is left', () => {
    const { places, left } = pack(sizes({ a: 12, b: 8 }), sizes({ small: 3, large: 8, middle: 6 }));
    expect(left).toEqual([]);
    expect(Object.fromEntries(places)).toEqual({ large: 'a', middle: 'b', small: 'a' });
  });

  it('tells what finds no room', () => {
    expect(pack(sizes({ a: 4 }), sizes({ x: 3, y: 2 })).left).toEqual(['y']);
    expect(pack(sizes({}), sizes({ x: 1 })).left).toEqual(['x']);
  });

  it('keeps things out of rooms in which they may not be', () => {
    const { places } = pack(sizes({ a: 10, b: 5 }), sizes({ x: 1 }), (_thing, room) => room === 'b');
    expect(places.get('x')).toBe('b');
  });
});
