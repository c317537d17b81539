import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../model/error.js';
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_VALUES } from '../limits.js';
import { RawBigInteger, RawFloat, type RawValue } from '../raw-value.js';
import { WireSyntaxError } from '../syntax-error.js';
import { parseJsonRpcCall } from './parse.js';
import { parseJson } from './reader.js';

const parse = (document: string) => parseJsonRpcCall(Buffer.from(document));

describe('values', () => {
  test.each<[string, RawValue]>([
    ['"text"', 'text'],
    ['""', ''],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"a\\u0041\\ud83d\\ude00b"', 'aA😀b'],
    ['"\\u0000"', '\0'],
    ['"café 😀"', 'café 😀'],
    ['true', true],
    ['false', false],
    ['null', null],
    ['0', 0],
    ['5', 5],
    ['-5', -5],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740993', new RawBigInteger('9007199254740993')],
    ['-9223372036854775808', new RawBigInteger('-9223372036854775808')],
    ['5.0', new RawFloat(5)],
    ['1e3', new RawFloat(1000)],
    ['-1.5E-07', new RawFloat(-1.5e-7)],
    ['NaN', new RawFloat(Number.NaN)],
    ['Infinity', new RawFloat(Number.POSITIVE_INFINITY)],
    ['-Infinity', new RawFloat(Number.NEGATIVE_INFINITY)],
    ['[]', []],
    [' [ 1 , [ "a" ] , { } ] ', [1, ['a'], new Map()]],
    ['{"a":{"b":[true]}}', new Map([['a', new Map([['b', [true]]])]])],
    [
      '{"__proto__":"x","constructor":1}',
      new Map<string, RawValue>([
        ['__proto__', 'x'],
        ['constructor', 1],
      ]),
    ],
    ['{"a":1,"a":2}', new Map([['a', 1]])],
  ])('%s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  test.each([
    '',
    ' ',
    'hello',
    'tru',
    '01',
    '-',
    '+1',
    '.5',
    '5.',
    '1e',
    '1e+',
    '0x10',
    '123456789012345678901',
    '"a',
    '"a\nb"',
    '"\\x"',
    '"\\u12"',
    '"\\',
    "'a'",
    '[',
    '[1',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{"a":1 "b":2}',
    '1 2',
    '{}x',
    '\uFEFF{}',
    '/* remark */ 1',
  ])('%j is refused', (text) => {
    expect(() => parseJson(text)).toThrow(WireSyntaxError);
  });

  test.each(['"\\ud83d"', '"\\ud83dx"', '"\\ude00"', '"\\ud83d\\u0041"'])('half a pair of surrogates, %s, is no text', (text) => {
    expect(() => parseJson(text)).toThrow(ApiError);
  });

  test('agrees with JSON.parse on whatever JSON.stringify writes', () => {
    const plain = (raw: RawValue): unknown => {
      if (raw instanceof RawFloat) return raw.value;
      if (raw instanceof RawBigInteger) return Number(raw.digits);
      if (Array.isArray(raw)) return raw.map(plain);
      if (raw instanceof Map) return Object.fromEntries([...raw].map(([name, member]) => [name, plain(member)]));
      return raw;
    };
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
        const again = JSON.stringify(JSON.parse(text), null, indent);
        const big = /\d{20}/.test(again);
        if (!big) expect(plain(parseJson(again))).toEqual(JSON.parse(again));
      }),
    );
  });
});

describe('calls', () => {
  test('version 1 and version 2', () => {
    expect(parse('{"method":"VM.get_all","params":["s"],"id":1}')).toEqual({
      version: 1,
      method: 'VM.get_all',
      params: ['s'],
      id: 1,
    });
    expect(parse('{"jsonrpc":"2.0","method":"VM.get_all","params":["s"],"id":"x"}')).toEqual({
      version: 2,
      method: 'VM.get_all',
      params: ['s'],
      id: 'x',
    });
  });

  test('the parameters of version 2 may be missing, null, or one struct', () => {
    expect(parse('{"jsonrpc":"2.0","method":"a","id":1}').params).toEqual([]);
    expect(parse('{"jsonrpc":"2.0","method":"a","params":null,"id":1}').params).toEqual([]);
    expect(parse('{"jsonrpc":"2.0","method":"a","params":{"a":"b"},"id":1}').params).toEqual([new Map([['a', 'b']])]);
  });

  test('the first of two methods counts', () => {
    expect(parse('{"method":"a","method":"b","params":[],"id":1}').method).toBe('a');
  });

  test('an id beyond the precision of a double keeps its digits', () => {
    expect(parse('{"method":"a","params":[],"id":12345678901234567}').id).toEqual(new RawBigInteger('12345678901234567'));
  });

  test.each([
    '',
    '5',
    '[{"jsonrpc":"2.0","method":"a","params":[],"id":1}]',
    '{"method":"a","id":1}',
    '{"method":"a","params":{},"id":1}',
    '{"method":"a","params":null,"id":1}',
    '{"jsonrpc":"2.0","method":"a","params":"b","id":1}',
    '{"jsonrpc":"2.0","params":[],"id":1}',
    '{"jsonrpc":"2.0","method":5,"params":[],"id":1}',
    '{"jsonrpc":"1.0","method":"a","params":[],"id":1}',
    '{"jsonrpc":2.0,"method":"a","params":[],"id":1}',
    '{"jsonrpc":null,"method":"a","params":[],"id":1}',
    '{"method":"a","params":[]}',
    '{"method":"a","params":[],"id":null}',
    '{"method":"a","params":[],"id":true}',
    '{"method":"a","params":[],"id":1.5}',
    '{"method":"a","params":[],"id":[1]}',
    '{"method":"a","params":[],"id":{}}',
  ])('%s is refused', (document) => {
    expect(() => parse(document)).toThrow(WireSyntaxError);
  });

  test('bytes that are not UTF-8 are an error of the API', () => {
    const body = Buffer.from('{"jsonrpc":"2.0","method":"a","params":["a\u00ffb"],"id":7}', 'latin1');
    expect(() => parseJsonRpcCall(body)).toThrow(
      expect.objectContaining({ code: 'INVALID_VALUE', params: [expect.any(String), expect.any(String)] }),
    );
  });
});

describe('limits', () => {
  test('depth', () => {
    expect(() => parseJson('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1))).not.toThrow();
    expect(() => parseJson('['.repeat(MAX_DEPTH + 2) + ']'.repeat(MAX_DEPTH + 2))).toThrow(/too deep/);
    expect(() => parseJson('{"a":'.repeat(50_000))).toThrow(WireSyntaxError);
  });

  test('number of values, and size', () => {
    expect(() => parseJson(`[${'0,'.repeat(MAX_VALUES - 2)}0]`)).not.toThrow();
    expect(() => parseJson(`[${'0,'.repeat(MAX_VALUES - 1)}0]`)).toThrow(/too many/);
    expect(() => parse(`{"method":"a","params":["${'y'.repeat(MAX_BODY_BYTES)}"],"id":1}`)).toThrow(/too large/);
  });

  test('random bytes and mutilated calls are read or refused, never worse', () => {
    const whole = '{"jsonrpc":"2.0","method":"VM.a","params":["\\u0041",{"b":[1.5e3,true]},null],"id":1}';
    const mutilated = fc
      .tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string({ maxLength: 5 }))
      .map(([from, to, text]) => Buffer.from(whole.slice(0, from) + text + whole.slice(to)));
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.oneof(bytes, mutilated), (body) => {
        try {
          expect(parseJsonRpcCall(body).method).toBeTypeOf('string');
        } catch (error) {
          expect(error instanceof WireSyntaxError || (error instanceof ApiError && error.code === 'INVALID_VALUE')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
