import { expect, it } from 'vitest';
import { printPieces } from './print-pieces.js';

it('leaves short text in one piece', () => {
  expect(printPieces('a\nb\n\n')).toEqual(['a\nb\n\n']);
  expect(printPieces('')).toEqual(['']);
});

it('divides long text at newlines so that it looks the same when each piece ends in one', () => {
  const text = `${Array.from({ length: 50 }, (_, i) => `line ${i} ü`).join('\n')}\n\n`;
  const pieces = printPieces(text, 64);
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.map((piece) => `${piece}\n`).join('')).toBe(`${text}\n`);
  for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(64);
});

it('leaves a line that is longer than a message may be as it is', () => {
  const long = 'x'.repeat(100);
  expect(printPieces(`a\n${long}\nb`, 64)).toEqual(['a', long, 'b']);
});
