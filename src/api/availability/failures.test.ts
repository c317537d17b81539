import { describe, expect, it } from 'vitest';
import { type Guarded, mostFailures, survives } from './failures.js';

const sizes = (entries: { [name: string]: number }) => new Map(Object.entries(entries));

function guarded(rooms: { [host: string]: number }, loads: { [host: string]: { [vm: string]: number } }, waiting = {}): Guarded {
  return {
    rooms: sizes(rooms),
    loads: new Map(Object.entries(loads).map(([host, load]) => [host, sizes(load)])),
    waiting: sizes(waiting),
  };
}

describe('mostFailures', () => {
  it('is every host when nothing must go on', () => {
    expect(mostFailures(guarded({ a: 1, b: 1 }, {}))).toBe(2);
  });

  it('counts on the room that the others have', () => {
    expect(mostFailures(guarded({ a: 4, b: 4, c: 4 }, { a: { x: 4 }, b: { y: 4 } }))).toBe(1);
    expect(mostFailures(guarded({ a: 8, b: 8, c: 8 }, { a: { x: 4 }, b: { y: 4 } }))).toBe(2);
    expect(mostFailures(guarded({ a: 4, b: 3 }, { a: { x: 4 } }))).toBe(0);
  });

  it('starts first what runs nowhere', () => {
    expect(survives(guarded({ a: 4 }, {}, { x: 5 }), 0)).toBe(false);
    expect(mostFailures(guarded({ a: 4, b: 4 }, {}, { x: 3 }))).toBe(1);
    expect(mostFailures(guarded({ a: 4, b: 2 }, {}, { x: 3 }))).toBe(0);
  });

  it('stays on the safe side where there are too many cases to try', () => {
    const rooms = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`h${i}`, 10]));
    const loads = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`h${i}`, { [`v${i}`]: 2 }]));
    const many = guarded(rooms, loads);
    expect(survives(many, 8)).toBe(true);
    expect(survives(many, 34)).toBe(false);
  });
});
