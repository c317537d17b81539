import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, list, optional, struct } from './codec.js';
import { characters, double, hyper, int, opaque, text, uint, unsignedHyper } from './scalars.js';
import { XdrError } from './xdr-error.js';
import { XdrReader } from './xdr-reader.js';
import { XdrWriter } from './xdr-writer.js';

function encode<In>(codec: Codec<unknown, In>, value: In): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.bytes();
}

function decode<Out>(codec: Codec<Out, never>, bytes: Buffer): Out {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}

function keeps<T>(codec: Codec<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encode(codec, value);
      expect(bytes.length % 4).toBe(0);
      expect(decode(codec, bytes)).toEqual(value);
    }),
  );
}

const plainText = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));

describe('a value', () => {
  it('comes back as it was', () => {
    keeps(int, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    keeps(uint, fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    keeps(double, fc.double());
    keeps(text(4096), plainText);
    keeps(
      list(optional(int), 100) as Codec<readonly (number | undefined)[]>,
      fc.array(fc.option(fc.integer(), { nil: undefined })),
    );
    const record = struct({ name: text(4096), ids: list(int, 100), next: struct({ on: uint }) });
    keeps(record, fc.record({ name: plainText, ids: fc.array(fc.integer()), next: fc.record({ on: fc.nat() }) }));
  });

  it('of 64 bits is the nearest number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(decode(hyper, encode(hyper, value))).toBe(Number(value));
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(decode(unsignedHyper, encode(unsignedHyper, value))).toBe(Number(value));
      }),
    );
  });

  it('of 64 bits may be given as number or bigint', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(encode(hyper, value)).toEqual(encode(hyper, BigInt(value)));
        expect(decode(hyper, encode(hyper, value))).toBe(value);
      }),
    );
  });

  it('of bytes comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (value) => {
        expect([...decode(opaque(2000), encode(opaque(2000), value))]).toEqual([...value]);
      }),
    );
  });

  it('has the bytes that RFC 4506 says', () => {
    expect(encode(int, -2).toString('hex')).toBe('fffffffe');
    expect(encode(hyper, -2).toString('hex')).toBe('fffffffffffffffe');
    expect(encode(unsignedHyper, 2 ** 40 + 5).toString('hex')).toBe('0000010000000005');
    expect(encode(text(10), 'sillé').toString('hex')).toBe('0000000673696c6cc3a90000');
    expect(encode(optional(int), undefined).toString('hex')).toBe('00000000');
    expect(encode(optional(int), 7).toString('hex')).toBe('0000000100000007');
    expect(encode(double, 1).toString('hex')).toBe('3ff0000000000000');
    expect(encode(characters({ length: 3 }), 'A').toString('hex')).toBe('000000410000000000000000');
    expect(encode(characters({ most: 3 }), 'A').toString('hex')).toBe('0000000100000041');
    expect(decode(characters({ length: 3 }), Buffer.from('000000410000000000000042', 'hex'))).toBe('A');
  });

  it('of flags may be the negative number that JavaScript makes of bit 31', () => {
    expect(encode(uint, 1 << 31).toString('hex')).toBe('80000000');
  });
});

describe('a value that the protocol cannot carry is refused:', () => {
  it.each<[string, () => unknown]>([
    ['a number beyond an int', () => encode(int, 2 ** 31)],
    ['a fraction', () => encode(int, 0.5)],
    ['a number beyond an unsigned int', () => encode(uint, 2 ** 32)],
    ['no number', () => encode(uint, Number.NaN)],
    ['a negative unsigned hyper', () => encode(unsignedHyper, -1)],
    ['a number beyond an unsigned hyper', () => encode(unsignedHyper, 2n ** 64n)],
    ['a number beyond a hyper', () => encode(hyper, 2n ** 63n)],
    ['a text with NUL', () => encode(text(10), 'a\0b')],
    ['a text that is too long in bytes', () => encode(text(4), 'ééé')],
    ['bytes that are too many', () => encode(opaque(3), Buffer.alloc(4))],
    ['a list that is too long', () => encode(list(int, 2), [1, 2, 3])],
    ['characters that are too many', () => encode(characters({ length: 2 }), 'abc')],
  ])('%s', (_name, write) => {
    expect(write).toThrow(XdrError);
  });

  it('the error names the member', () => {
    const codec = struct({ domains: list(struct({ id: int }), 5) });
    expect(() => encode(codec, { domains: [{ id: 1 }, { id: 0.5 }] })).toThrow('domains[1].id: 0.5 where int is needed');
  });
});

describe('bytes that are no value', () => {
  const codec = struct({ name: text(16), ids: list(hyper, 4), more: optional(opaque(8)) });

  it('are refused with XdrError and nothing else, wherever they end', () => {
    const bytes = encode(codec, { name: 'guest', ids: [1, 2], more: Buffer.from('abc') });
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decode(codec, bytes.subarray(0, end)), `${end} bytes`).toThrow(XdrError);
    }
    expect(() => decode(codec, Buffer.concat([bytes, Buffer.alloc(4)]))).toThrow('4 bytes too many');
  });

  it('are read or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decode(codec, Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(XdrError);
        }
      }),
    );
  });

  it('do not make a list or a text longer than the protocol allows', () => {
    expect(() => decode(list(int, 4), Buffer.from('00000005'.padEnd(48, '0'), 'hex'))).toThrow('5 elements where at most 4');
    expect(() => decode(text(4), Buffer.from('ffffffff', 'hex'))).toThrow('4294967295 elements where at most 4');
    expect(() => decode(optional(int), Buffer.from('0000000200000001', 'hex'))).toThrow(XdrError);
  });
});
