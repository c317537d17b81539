import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteLengthOf, type Chunk, ChunkWriter, joinChunks, packChunks } from './chunks.js';

const chunk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => Buffer.from(text).toString() === text),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);

function write(parts: readonly Chunk[]): Chunk[] {
  const out = new ChunkWriter();
  for (const part of parts) typeof part === 'string' ? out.add(part) : out.addBuffer(part);
  return out.finish();
}

test('text that follows text is one chunk, buffers are handed on as they are', () => {
  const bytes = Buffer.from('bytes');
  expect(write(['a', 'b', bytes, 'c', '', 'd'])).toEqual(['ab', bytes, 'cd']);
  expect(write([bytes])[0]).toBe(bytes);
  expect(write([])).toEqual([]);
});

const pack = (chunks: readonly Chunk[], size: number) =>
  [...packChunks(chunks, () => Buffer.alloc(size))].map(({ bytes }) => bytes);

test('nothing is lost or moved, whatever the sizes', () => {
  fc.assert(
    fc.property(fc.array(chunk), fc.integer({ min: 1, max: 50 }), (parts, size) => {
      const plain = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
      const chunks = write(parts);
      expect(byteLengthOf(chunks)).toBe(plain.length);
      expect(joinChunks(chunks)).toEqual(plain);
      const packed = pack(chunks, size);
      expect(Buffer.concat(packed)).toEqual(plain);
      for (const bytes of packed) expect(bytes.length).toBeGreaterThan(0);
    }),
  );
});

test('small chunks are packed together, large ones are not copied', () => {
  const small = Array.from({ length: 100 }, () => Buffer.alloc(10));
  expect(pack(small, 250).map((bytes) => bytes.length)).toEqual([250, 250, 250, 250]);
  const large = Buffer.alloc(1000);
  expect(pack(['a', large, 'b'], 250)[1]).toBe(large);
});

test('a buffer that was given back is used for the next portion', () => {
  const only = Buffer.alloc(4);
  const seen: string[] = [];
  for (const { bytes, lent } of packChunks(['ab', 'cd', 'ef', 'g'], () => only)) {
    seen.push(bytes.toString());
    expect(lent).toBe(only);
  }
  expect(seen).toEqual(['abcd', 'efg']);
});
