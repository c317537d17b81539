import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatText, parseFloatText } from './float-text.js';

test.each([
  [0, '0'],
  [1, '1'],
  [-2, '-2'],
  [0.1, '0.1'],
  [0.5, '0.5'],
  [12345.678, '12345.678'],
  [31.4159265358979, '31.4159265358979'],
  [1.5e-7, '1.5e-07'],
  [-1.5e-7, '-1.5e-07'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1e15, '1000000000000000'],
  [1e16, '1e+16'],
  [1.25e100, '1.25e+100'],
  [0.1 + 0.2, '0.3'],
  [1 / 3, '0.3333333333333333'],
  [100.25, '100.25'],
])('%d is %s in 16 digits', (value, text) => {
  expect(floatText(value, 16)).toBe(text);
});

test('17 digits bring every float back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(floatText(value, 17)) + 0).toBe(value + 0);
    }),
  );
});

test('16 digits are right to 15 places', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
      expect(Math.abs(Number(floatText(value, 16)) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-15);
    }),
  );
});

test.each([
  ['1', 1],
  ['+1.5', 1.5],
  ['-.5', -0.5],
  ['5.', 5],
  ['1e3', 1000],
  ['1.5E-07', 1.5e-7],
  ['NaN', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])('%s is read', (text, value) => {
  expect(parseFloatText(text)).toBe(value);
});

test.each(['', ' ', 'half', '0x10', '1,5', '1e', '.', '--1', '1_000', 'Infinit'])('"%s" is no float', (text) => {
  expect(parseFloatText(text)).toBeUndefined();
});
