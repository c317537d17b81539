import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

describe('turns', () => {
  it('lets so many work at once, in the order in which they came, and also after failures', async () => {
    const turns = new Turns(2);
    const begun: number[] = [];
    let now = 0;
    let most = 0;
    const work = (n: number) => () => {
      begun.push(n);
      most = Math.max(most, ++now);
      return new Promise<void>((resolve, reject) =>
        setImmediate(() => {
          now--;
          if (n % 3 === 0) reject(new Error('no'));
          else resolve();
        }),
      );
    };
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map((n) => turns.take(work(n))));
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(most).toBe(2);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  });
});
