import { z } from 'zod';
import { parsed, show } from './values.js';

/** A map with known keys. A key that it does not have is refused, and the known ones named. */
export function strict<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `expected a map, got ${show(issue.input)}`;
      const { keys } = issue as typeof issue & { readonly keys: readonly string[] };
      return `unknown ${keys.slice(0, 5).map(show).join(', ')}: the keys are ${Object.keys(shape).join(', ')}`;
    },
  });
}

/** A number of things that are alike, or a list that describes each. What is wrong is told of the form that was taken. */
export function countOrList<T>(count: z.ZodType<number>, item: z.ZodType<T>, most: number): z.ZodType<number | readonly T[]> {
  const list = z.array(item).max(most, `expected a list of at most ${most}`);
  return z.unknown().transform((raw, context): number | readonly T[] => {
    const { success, data, error } = (Array.isArray(raw) ? list : count).safeParse(raw);
    if (success) return data;
    for (const { message, path } of error.issues) context.addIssue({ code: 'custom', message, path: [...path] });
    return z.NEVER;
  });
}

/** Yes or no, also as the text that a flag gives. */
export const yesOrNo = parsed('true or false', (raw) =>
  raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : undefined,
);
