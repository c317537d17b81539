import { expect, it } from 'vitest';
import { inParallel } from './in-parallel.js';

it('does so much at a time and no more, and keeps the order', async () => {
  let now = 0;
  let most = 0;
  const work = async (n: number): Promise<number> => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5 - n));
    now--;
    return n * n;
  };
  expect(await inParallel([1, 2, 3, 4], 2, work)).toEqual([1, 4, 9, 16]);
  expect(most).toBe(2);
  expect(await inParallel([], 2, work)).toEqual([]);
  await expect(inParallel([1, 2], 2, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
