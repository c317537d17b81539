import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XdrError } from '../xdr/xdr-error.js';
import { FrameReader } from './frame-reader.js';
import { begin, finish, HEADER_BYTES, LONGEST_MESSAGE } from './message.js';

function frame(payload: Uint8Array, serial: number): Buffer {
  const writer = begin({ program: 1, procedure: 2, type: 1, serial, status: 0 });
  writer.fixed(payload);
  return finish(writer);
}

function readAll(chunks: readonly Buffer[]): string[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => [...reader.read(chunk)].map((message) => message.toString('hex')));
}

describe('messages', () => {
  it('come out whole, however the bytes are cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(payloads, cuts, (contents, sizes) => {
        const frames = contents.map(frame);
        const bytes = Buffer.concat(frames);
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(readAll(chunks)).toEqual(frames.map((message) => message.toString('hex')));
      }),
    );
  });

  it('that are too long or too short to be any are refused before their bytes are kept', () => {
    for (const length of [0, HEADER_BYTES - 1, LONGEST_MESSAGE + 1, 0xffff_ffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      expect(() => readAll([bytes]), String(length)).toThrow(XdrError);
    }
  });
});
