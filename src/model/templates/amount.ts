import type { Amount } from '../../../schema/templates/define.js';

const POWERS = { K: 1, M: 2, G: 3, T: 4 } as const;

/** Bytes of an amount such as `512M`; the suffixes are binary. */
export function bytesOf(amount: Amount): number {
  const power = POWERS[amount.slice(-1) as keyof typeof POWERS];
  return Number(amount.slice(0, -1)) * 1024 ** power;
}
