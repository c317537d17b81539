import { randomBytes } from 'node:crypto';

const POSITIVE = 2n ** 63n - 1n;

function half(): bigint {
  return randomBytes(8).readBigUInt64BE() & POSITIVE;
}

/** A new number for the guest to see that it was copied or rolled back. A VM that has none, by an empty text, gets none. */
export function freshGenerationId(current: string): string {
  return current === '' ? '' : `${half()}:${half()}`;
}
