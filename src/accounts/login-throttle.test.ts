import { describe, expect, it } from 'vitest';
import { OverloadedError } from './limiter.js';
import { LoginThrottle, type ThrottleTime } from './login-throttle.js';

/** Time that passes only by sleeping. */
class FakeTime implements ThrottleTime {
  current = 0;
  readonly slept: number[] = [];
  now(): number {
    return this.current;
  }
  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.current += milliseconds;
  }
}

const right = async (): Promise<string> => 'account';
const wrong = async (): Promise<undefined> => undefined;

describe('LoginThrottle', () => {
  it('answers each further wrong password later, up to a limit', async () => {
    const time = new FakeTime();
    const throttle = new LoginThrottle(time);
    for (let n = 0; n < 8; n++) expect(await throttle.attempt('bob', '::1', wrong)).toBeUndefined();
    expect(time.slept).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('begins anew after a right password, and after a long time without wrong ones', async () => {
    const time = new FakeTime();
    const throttle = new LoginThrottle(time);
    await throttle.attempt('bob', '::1', wrong);
    await throttle.attempt('bob', '::1', wrong);
    expect(await throttle.attempt('bob', '::1', right)).toBe('account');
    await throttle.attempt('bob', '::1', wrong);
    time.current += 16 * 60 * 1000;
    await throttle.attempt('bob', '::1', wrong);
    expect(time.slept).toEqual([250, 500, 250, 250]);
  });

  it('does not hold up other users, or the same user from elsewhere', async () => {
    const time = new FakeTime();
    const throttle = new LoginThrottle(time);
    await throttle.attempt('bob', '10.0.0.1', wrong);
    await throttle.attempt('bob', '10.0.0.2', wrong);
    await throttle.attempt('alice', '10.0.0.1', wrong);
    expect(time.slept).toEqual([250, 250, 250]);
  });

  it('checks one at a time once there were failures, and lets few wait', async () => {
    const throttle = new LoginThrottle(new FakeTime());
    await throttle.attempt('bob', '::1', wrong);
    let running = 0;
    let most = 0;
    const check = async (): Promise<undefined> => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => throttle.attempt('bob', '::1', check)));
    expect(most).toBe(1);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(12);
    expect(refused.every(({ reason }) => reason instanceof OverloadedError)).toBe(true);
  });

  it('passes on what the check throws, does not count it, and goes on', async () => {
    const time = new FakeTime();
    const throttle = new LoginThrottle(time);
    await throttle.attempt('bob', '::1', wrong);
    const broken = throttle.attempt('bob', '::1', () => Promise.reject(new Error('directory is down')));
    await expect(broken).rejects.toThrow('directory is down');
    expect(await throttle.attempt('bob', '::1', right)).toBe('account');
    expect(time.slept).toEqual([250]);
  });

  it('keeps a bounded number of failures, the latest', async () => {
    const time = new FakeTime();
    const throttle = new LoginThrottle(time);
    for (let n = 0; n < 10_001; n++) await throttle.attempt(`user${n}`, '::1', wrong);
    time.current = 0;
    time.slept.length = 0;
    await throttle.attempt('user0', '::1', wrong);
    await throttle.attempt('user10000', '::1', wrong);
    expect(time.slept).toEqual([250, 500]);
  });
});
