import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExtentList } from '../host/extents.js';
import { FilledBlocks } from './filled-blocks.js';

const SIZE = 200;

it('cuts any part of a disk into data and zeros, and calls nothing zeros that holds data', () => {
  const extent = fc.record({ offset: fc.integer({ min: 0, max: SIZE - 1 }), length: fc.integer({ min: 1, max: 40 }) });
  const range = fc.record({ offset: fc.integer({ min: 0, max: SIZE - 1 }), length: fc.integer({ min: 1, max: SIZE }) });
  fc.assert(
    fc.property(fc.array(extent, { maxLength: 12 }), range, fc.integer({ min: 1, max: 60 }), (found, asked, smallestHole) => {
      const list = new ExtentList();
      for (const { offset, length } of found.sort((a, b) => a.offset - b.offset))
        list.add(offset, Math.min(length, SIZE - offset));
      const holds = (at: number) => list.all().some(({ offset, length }) => at >= offset && at < offset + length);
      const { offset, length } = { ...asked, length: Math.min(asked.length, SIZE - asked.offset) };
      let at = offset;
      let before: boolean | undefined;
      for (const part of new FilledBlocks(list.all()).parts(offset, length, smallestHole)) {
        expect(part.offset).toBe(at);
        expect(part.length).toBeGreaterThan(0);
        expect(part.isZero).not.toBe(before);
        if (part.isZero) {
          expect(part.length).toBeGreaterThanOrEqual(smallestHole);
          for (let byte = part.offset; byte < part.offset + part.length; byte++) expect(holds(byte)).toBe(false);
        } else if (smallestHole === 1) {
          for (let byte = part.offset; byte < part.offset + part.length; byte++) expect(holds(byte)).toBe(true);
        }
        before = part.isZero;
        at += part.length;
      }
      expect(at).toBe(offset + length);
    }),
  );
});
