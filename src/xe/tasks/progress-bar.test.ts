import { expect, it } from 'vitest';
import { ProgressBar } from './progress-bar.js';

it('fills 80 columns from a spinner, a bar, a percentage and the time that is left', () => {
  const bar = new ProgressBar(1000);
  expect(bar.advance(0.5, 11_000)).toBe(`\r[-] ${'#'.repeat(26)}>${' '.repeat(28)} ( 50% ETA 00:00:10) `);
  expect(bar.advance(1, 21_000)).toBe(`\r[\\] ${'#'.repeat(54)}> (100% ETA 00:00:00) `);
});

it('draws only when the bar grows, and turns the spinner then', () => {
  const bar = new ProgressBar(0);
  expect(bar.advance(0, 10)).toBeUndefined();
  expect(bar.advance(1 / 55, 10)).toMatch(/^\r\[-\] > /);
  expect(bar.advance(1.9 / 55, 20)).toBeUndefined();
  expect(bar.advance(2 / 55, 20)).toMatch(/^\r\[\\\] #> /);
  expect(bar.advance(2.5 / 55, 30)).toBeUndefined();
  for (const spinner of ['|', '/', '-'])
    expect(bar.advance([...'|/-'].indexOf(spinner) / 10 + 0.1, 40)).toContain(`[${spinner}]`);
});

it('keeps to its columns whatever it is told', () => {
  const bar = new ProgressBar(0);
  expect(bar.advance(7, 1000)).toMatch(/^\r\[-\] #{54}> \(100% ETA 00:00:00\) $/);
  const slow = new ProgressBar(0);
  expect(slow.advance(0.02, 3600_000 * 99)).toMatch(/ETA \+\+:\+\+:\+\+\) $/);
  expect(slow.advance(0.5, 3600_000 * 99.5)).toMatch(/ETA 99:30:00\) $/);
});

it.each([
  [120, '120ms'],
  [2345, '2.35s'],
  [125_000, '2min5s'],
])('says at the end that %i ms are %s', (milliseconds, text) => {
  expect(new ProgressBar(50).end(50 + milliseconds)).toBe(`\nTotal time: ${text}\n`);
});
