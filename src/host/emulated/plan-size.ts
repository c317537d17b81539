import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A size: bytes as a number, or text with a unit of powers of 1024 such as `4GiB`, `512M`. Becomes bytes. */
export const size = z.union([z.number(), z.string()]).transform((value, context) => {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i.exec(String(value)) ?? [];
  const bytes = digits === undefined ? Number.NaN : Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
  if (Number.isSafeInteger(Math.round(bytes))) return Math.round(bytes);
  context.addIssue({ code: 'custom', message: 'is no size; write bytes or, for example, 4GiB' });
  return z.NEVER;
});

/** A yes or no, also as the text that a flag gives. */
export const yesNo = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** A whole number within bounds, also as the text that a flag gives. */
export function whole(least: number, most: number) {
  const digits = z
    .string()
    .regex(/^\d{1,15}$/, { error: 'is no whole number' })
    .transform(Number);
  return z.union([z.number(), digits]).pipe(z.number().int().min(least).max(most));
}
