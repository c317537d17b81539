/** Shorter strings are always copied when they are cut out of another. */
const SHORTEST_SLICE = 13;

/**
 * A copy of text that was cut out of a body. The engine makes a slice of it, which keeps the whole body alive, and what
 * clients send stays in the database for years.
 */
export function detach(slice: string): string {
  return slice.length < SHORTEST_SLICE ? slice : ` ${slice}`.slice(1);
}
