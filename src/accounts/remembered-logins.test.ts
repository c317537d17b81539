import { expect, it } from 'vitest';
import { RememberedLogins } from './remembered-logins.js';

it('remembers a login as long as its password and its hash stay', () => {
  const logins = new RememberedLogins();
  logins.add('bob', 'secret', 'hash');
  expect(logins.has('bob', 'secret', 'hash')).toBe(true);
  expect(logins.has('bob', 'wrong', 'hash')).toBe(false);
  expect(logins.has('bob', 'secret', 'new hash')).toBe(false);
  expect(logins.has('alice', 'secret', 'hash')).toBe(false);
});

it('forgets after a while, and the oldest when there are many', () => {
  let now = 0;
  const logins = new RememberedLogins(() => now);
  for (let n = 0; n <= 1000; n++) logins.add(`user${n}`, 'secret', 'hash');
  expect(logins.has('user0', 'secret', 'hash')).toBe(false);
  expect(logins.has('user1', 'secret', 'hash')).toBe(true);
  now += 10 * 60 * 1000;
  expect(logins.has('user1', 'secret', 'hash')).toBe(false);
});
