import { expect, it } from 'vitest';
import { Limiter, OverloadedError } from './limiter.js';

it('runs so many at a time, in order, and refuses what would wait too long', async () => {
  const limiter = new Limiter(2, 3);
  const log: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    log.push(`+${name}`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`-${name}`);
  };
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => limiter.run(work(name)));
  await expect(limiter.run(work('f'))).rejects.toBeInstanceOf(OverloadedError);
  await Promise.all(five);
  expect(log).toEqual(['+a', '+b', '-a', '+c', '-b', '+d', '-c', '+e', '-d', '-e']);
});

it('frees the place of work that fails', async () => {
  const limiter = new Limiter(1, 1);
  await expect(limiter.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await limiter.run(async () => 'next')).toBe('next');
});
