import { PRINT_LIMIT } from './limits.js';

/**
 * Text as pieces that each are printed as lines of their own, so that all of them look as the one text: long ones are
 * divided at their newlines. What has none stays in one piece.
 */
export function printPieces(text: string, limit = PRINT_LIMIT): string[] {
  // UTF-8 has three bytes at most for each unit of a string.
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return [text];
  const pieces: string[] = [];
  let piece: string[] = [];
  let size = 0;
  for (const line of text.split('\n')) {
    const length = Buffer.byteLength(line) + 1;
    if (piece.length > 0 && size + length > limit) {
      pieces.push(piece.join('\n'));
      piece = [];
      size = 0;
    }
    piece.push(line);
    size += length;
  }
  return [...pieces, piece.join('\n')];
}
