/**
 * Characters in a piece of a document: large enough that writing it costs next to nothing per value, small enough that
 * making it takes a few milliseconds, after which others get their turn.
 */
const PORTION = 32_768;

/** Joins small pieces of text to larger ones of about the same size. */
export function* portions(pieces: Iterable<string>, size: number = PORTION): Generator<string> {
  let portion = '';
  for (const piece of pieces) {
    portion += piece;
    if (portion.length < size) continue;
    yield portion;
    portion = '';
  }
  if (portion) yield portion;
}
