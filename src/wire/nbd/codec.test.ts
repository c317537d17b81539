import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGreeting, encodeClientFlags, encodeExport, encodeGreeting } from './greeting.js';
import { LENGTH, LONGEST_TEXT } from './numbers.js';
import {
  decodeExportInfo,
  decodeExportRequest,
  decodeMetaContext,
  decodeMetaContextRequest,
  decodeOptionHead,
  decodeOptionReplyHead,
  encodeBlockSizes,
  encodeExportInfo,
  encodeExportRequest,
  encodeMetaContext,
  encodeMetaContextRequest,
  encodeOption,
  encodeOptionReply,
} from './options.js';
import { NbdProtocolError } from './protocol-error.js';
import {
  decodeBlockStatus,
  decodeChunkHead,
  encodeBlockStatus,
  encodeChunkHead,
  encodeDataHead,
  encodeErrorChunk,
  encodeHole,
  encodeSimpleReply,
} from './replies.js';
import { decodeRequest, encodeRequest } from './requests.js';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const size = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const cookie = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 100 });

describe('what one side says is what the other understands:', () => {
  it('greeting', () => {
    fc.assert(fc.property(u16, (flags) => void expect(decodeGreeting(encodeGreeting(flags))).toBe(flags)));
    expect(encodeClientFlags(3)).toEqual(Buffer.from([0, 0, 0, 3]));
    expect(encodeExport(512, 1, false)).toEqual(Buffer.from([0, 0, 0, 0, 0, 0, 2, 0, 0, 1]));
    expect(encodeExport(512, 1, true)).toHaveLength(134);
  });

  it('options and their answers', () => {
    fc.assert(
      fc.property(u32, u32, bytes, (option, type, data) => {
        const asked = encodeOption(option, data);
        expect(decodeOptionHead(asked.subarray(0, LENGTH.option))).toEqual({ option, length: data.length });
        expect(asked.subarray(LENGTH.option)).toEqual(data);
        const answer = encodeOptionReply(option, type, data);
        expect(decodeOptionReplyHead(answer)).toEqual({ option, type, length: data.length });
        expect(answer.subarray(LENGTH.optionReply)).toEqual(data);
      }),
    );
  });

  it('requests for exports and contexts', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(u16, { maxLength: 20 }),
        (name, wanted) => void expect(decodeExportRequest(encodeExportRequest({ name, wanted }))).toEqual({ name, wanted }),
      ),
    );
    fc.assert(
      fc.property(
        text,
        fc.array(text, { maxLength: 20 }),
        (name, queries) =>
          void expect(decodeMetaContextRequest(encodeMetaContextRequest({ name, queries }))).toEqual({ name, queries }),
      ),
    );
    fc.assert(
      fc.property(
        u32,
        fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }),
        (id, context) => void expect(decodeMetaContext(encodeMetaContext(id, context))).toEqual({ id, context }),
      ),
    );
  });

  it('information about exports', () => {
    fc.assert(
      fc.property(
        size,
        u16,
        (of, flags) => void expect(decodeExportInfo(encodeExportInfo(of, flags))).toEqual({ size: of, flags }),
      ),
    );
    expect(decodeExportInfo(encodeBlockSizes(1, 2, 3))).toBeUndefined();
  });

  it('requests for data', () => {
    fc.assert(
      fc.property(u16, u16, cookie, size, u32, (command, flags, mark, offset, length) => {
        const request = { command, flags, cookie: mark, offset, length };
        expect(decodeRequest(encodeRequest(request))).toEqual(request);
      }),
    );
  });

  it('parts of answers', () => {
    fc.assert(
      fc.property(u16, fc.boolean(), cookie, u32, (type, isLast, mark, length) => {
        const head = { type, isLast, cookie: mark, length };
        expect(decodeChunkHead(encodeChunkHead(head))).toEqual(head);
      }),
    );
    fc.assert(
      fc.property(
        cookie,
        u32,
        fc.array(fc.record({ length: u32, state: u32 }), { minLength: 1, maxLength: 20 }),
        (mark, context, blocks) => {
          const chunk = encodeBlockStatus(mark, true, context, blocks);
          expect(decodeChunkHead(chunk)).toMatchObject({ cookie: mark, length: chunk.length - LENGTH.structuredReply });
          expect(decodeBlockStatus(chunk.subarray(LENGTH.structuredReply))).toEqual({ context, blocks });
        },
      ),
    );
    expect(decodeChunkHead(encodeDataHead(7n, true, 2 ** 40, 512))).toEqual({ type: 1, isLast: true, cookie: 7n, length: 520 });
    expect(encodeHole(7n, false, 1, 2).subarray(LENGTH.structuredReply).toString('hex')).toBe('000000000000000100000002');
    const failed = encodeErrorChunk(7n, 5, 'x'.repeat(2 * LONGEST_TEXT));
    expect(decodeChunkHead(failed).length).toBe(failed.length - LENGTH.structuredReply);
    expect(failed.length).toBe(LENGTH.structuredReply + 6 + LONGEST_TEXT);
    expect(encodeSimpleReply(1n, 22).toString('hex')).toBe('67446698000000160000000000000001');
  });
});

describe('what cannot be understood', () => {
  it('is refused as such, whatever it is', () => {
    const readers = [
      decodeExportRequest,
      decodeMetaContextRequest,
      decodeMetaContext,
      decodeBlockStatus,
      (data: Buffer) => decodeGreeting(Buffer.concat([data, Buffer.alloc(LENGTH.greeting)])),
      (data: Buffer) => decodeOptionHead(Buffer.concat([data, Buffer.alloc(LENGTH.option)])),
      (data: Buffer) => decodeOptionReplyHead(Buffer.concat([data, Buffer.alloc(LENGTH.optionReply)])),
      (data: Buffer) => decodeRequest(Buffer.concat([data, Buffer.alloc(LENGTH.request)])),
      (data: Buffer) => decodeChunkHead(Buffer.concat([data, Buffer.alloc(LENGTH.structuredReply)])),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (array) => {
        for (const read of readers) {
          try {
            read(Buffer.from(array));
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(NbdProtocolError);
          }
        }
      }),
    );
  });

  it.each([
    ['a name beyond the end', '00000005' + '6161'],
    ['a name beyond all bounds', 'ffffffff'],
    ['more kinds than there are', '00000000' + '0002' + '0000'],
    ['something behind the last kind', '00000000' + '0000' + '00'],
  ])('%s', (_, hex) => {
    expect(() => decodeExportRequest(Buffer.from(hex, 'hex'))).toThrow(NbdProtocolError);
  });

  it('as many queries as fit into no memory', () => {
    const data = Buffer.from(`00000000${'ffffffff'}${'00000000'.repeat(3)}`, 'hex');
    expect(() => decodeMetaContextRequest(data)).toThrow(NbdProtocolError);
  });
});
