/** Above this, `toFixed` turns to exponents. */
const LARGEST_FIXED = 1e21;

/** A number with so many decimals, never with an exponent. */
export function fixed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Math.abs(value) < LARGEST_FIXED ? value.toFixed(decimals) : `${BigInt(value)}.${'0'.repeat(decimals)}`;
}
