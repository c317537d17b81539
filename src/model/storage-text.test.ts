import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStorageText, StorageTextError, storageText } from './storage-text.js';
import { parseType } from './type-syntax.js';

const text = (type: string, value: unknown) => storageText(parseType(type), value);
const parse = (type: string, value: string) => parseStorageText(parseType(type), value);

describe('storageText', () => {
  it('writes scalars', () => {
    expect(text('bool', true)).toBe('true');
    expect(text('bool', false)).toBe('false');
    expect(text('int', -5)).toBe('-5');
    expect(text('int', 8589934592)).toBe('8589934592');
    expect(text('ref VM', 'OpaqueRef:NULL')).toBe('OpaqueRef:NULL');
    expect(text('datetime', '19700101T00:00:00Z')).toBe('19700101T00:00:00Z');
    expect(text('enum vm_power_state', 'Halted')).toBe('Halted');
    expect(text('string', "it's (as) it is")).toBe("it's (as) it is");
  });

  it('writes floats as %.18g does', () => {
    const written: [number, string][] = [
      [1, '1'],
      [0, '0'],
      [-0, '-0'],
      [1.5, '1.5'],
      [0.1, '0.100000000000000006'],
      [1 / 3, '0.333333333333333315'],
      [100, '100'],
      [1e17, '100000000000000000'],
      [1e18, '1e+18'],
      [1.25e300, '1.25000000000000007e+300'],
      [0.0001, '0.000100000000000000005'],
      [0.00001, '1.00000000000000008e-05'],
      [-2.5, '-2.5'],
      [Number.NaN, 'nan'],
      [Number.POSITIVE_INFINITY, 'inf'],
      [Number.NEGATIVE_INFINITY, '-inf'],
    ];
    for (const [value, expected] of written) expect(text('float', value)).toBe(expected);
  });

  it('writes sets and maps', () => {
    expect(text('set(string)', [])).toBe('()');
    expect(text('map(string,string)', new Map())).toBe('()');
    expect(text('set(string)', ['a', 'b'])).toBe("('a' 'b')");
    expect(text('map(string,string)', new Map([['k', 'v']]))).toBe("(('k' 'v'))");
    expect(
      text(
        'map(int,bool)',
        new Map([
          [1, true],
          [2, false],
        ]),
      ),
    ).toBe("(('1' 'true') ('2' 'false'))");
    expect(text('set(string)', ["it's", 'a\\b', '"'])).toBe(String.raw`('it\'s' 'a\\b' '"')`);
  });

  it('puts a collection inside a collection in quotes once more', () => {
    const value = new Map([['OpaqueRef:a', ['x', "y'"]]]);
    const written = text('map(ref host,set(string))', value);
    expect(written).toBe(String.raw`(('OpaqueRef:a' '(\'x\' \'y\\\'\')'))`);
    expect(parse('map(ref host,set(string))', written)).toEqual(value);
  });

  it('writes an option as a set of one or none', () => {
    expect(text('option(string)', undefined)).toBe('()');
    expect(text('option(string)', 'x')).toBe("('x')");
    expect(parse('option(string)', '()')).toBeUndefined();
    expect(parse('option(string)', "('x')")).toBe('x');
  });

  it('knows what is never stored', () => {
    expect(() => text('record VM', {})).toThrow(TypeError);
    expect(() => parse('void', '')).toThrow(TypeError);
  });
});

describe('parseStorageText', () => {
  it('reads what other writers give', () => {
    expect(parse('set(string)', `( "a b"\n'c' )`)).toEqual(['a b', 'c']);
    expect(parse('set(string)', String.raw`('\a')`)).toEqual(['a']);
    expect(parse('float', '1.')).toBe(1);
    expect(parse('datetime', '2025-03-19T04:16:24Z')).toBe('20250319T04:16:24Z');
    expect(parse('datetime', '20250319T04:16:24')).toBe('20250319T04:16:24Z');
    expect(parse('int', '-0')).toBe(0);
  });

  it('refuses what is no value of the type', () => {
    const bad: [string, string][] = [
      ['bool', 'True'],
      ['bool', ''],
      ['int', ''],
      ['int', '1.0'],
      ['int', '0x10'],
      ['int', '9007199254740993'],
      ['float', ''],
      ['float', '0x1p3'],
      ['datetime', 'yesterday'],
      ['set(string)', ''],
      ['set(string)', 'a'],
      ['set(string)', '(a)'],
      ['set(string)', "('a'"],
      ['set(string)', "('a'))"],
      ['set(string)', "(('a'))"],
      ['set(string)', "('a\\')"],
      ['set(int)', "('1' 'two')"],
      ['map(string,string)', "('a' 'b')"],
      ['map(string,string)', "(('a'))"],
      ['map(string,string)', "(('a' 'b' 'c'))"],
      ['map(string,string)', "(('a' 'b')) 'c'"],
    ];
    for (const [type, value] of bad) expect(() => parse(type, value), `${type} ${value}`).toThrow(StorageTextError);
  });

  it('tells an unknown name of an enumeration from bad form', () => {
    const problem = (type: string, value: string) => {
      try {
        parse(type, value);
      } catch (error) {
        if (error instanceof StorageTextError) return error.problem;
      }
      return undefined;
    };
    expect(problem('enum vm_power_state', 'Asleep')).toBe('unknown enum value');
    expect(problem('enum vm_power_state', 'toString')).toBe('unknown enum value');
    expect(problem('set(enum vm_operations)', "('start' 'fly')")).toBe('unknown enum value');
    expect(problem('set(enum vm_operations)', 'start')).toBe('syntax');
  });

  it('shows only the head of a long text in an error', () => {
    expect(() => parse('int', 'x'.repeat(10_000))).toThrow(/^.{1,100}$/);
  });

  it('gives back what storageText was given', () => {
    const same = (type: string, values: fc.Arbitrary<unknown>) =>
      fc.assert(
        fc.property(values, (value) => {
          expect(parse(type, text(type, value))).toEqual(value);
        }),
      );
    const words = fc.string({ unit: 'grapheme' });
    same('set(string)', fc.array(words));
    same('set(string)', fc.array(fc.string({ unit: fc.constantFrom("'", '\\', '"', '(', ')', ' ', '\n', 'a') })));
    same(
      'map(string,string)',
      fc.array(fc.tuple(words, words)).map((pairs) => new Map(pairs)),
    );
    same('float', fc.double());
    same('int', fc.maxSafeInteger());
    same(
      'map(int,set(string))',
      fc.array(fc.tuple(fc.integer(), fc.array(words))).map((pairs) => new Map(pairs)),
    );
  });

  it('reads an item of megabytes', () => {
    const long = "it's ".repeat(500_000);
    expect(parse('set(string)', text('set(string)', [long]))).toEqual([long]);
  });
});
