import { pino } from 'pino';
import { expect, it } from 'vitest';
import { readCommandLine } from './command-line.js';
import { logCommandLine } from './log-command-line.js';

function logged(...words: readonly string[]): { readonly text: string; readonly parameters: readonly string[] } {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  logCommandLine(log, readCommandLine(words), 'xe-1', { local: false, address: '192.0.2.7' });
  const [text = ''] = lines;
  return { text, parameters: (JSON.parse(text) as { parameters: string[] }).parameters };
}

it('shows what a command is about', () => {
  expect(logged('vm-start', 'vm=one', '--force', 'username=root', 'password=hidden').parameters).toEqual([
    'vm=one',
    'force=true',
  ]);
});

it.each([
  'remote-password=hidden',
  '--password=hidden',
  'hidden',
  'http_proxy=http://user:hidden@proxy:3128',
  'url=ftp://user:hidden@there',
  'uri=http://hidden@there',
  'xenstore-data:vm-data/word=hidden',
  'device-config:chappassword=hidden',
  'session_id=hidden',
  'value=hidden',
])('does not show what may be secret in %s', (word) => {
  expect(logged('some-command', word).text).not.toContain('hidden');
});

it('is short however long the line is, because nobody needs to be logged in for one', () => {
  const { text } = logged('x'.repeat(50_000), ...Array.from({ length: 4_000 }, (_, n) => `a${n}=${'b'.repeat(1_000)}`));
  expect(text.length).toBeLessThan(16_000);
});

it('is one line, whatever is in it', () => {
  const { text } = logged('vm-start', 'vm=a\r\n{"level":"info"}\u2028\u0085');
  expect(text.trimEnd()).not.toMatch(/[\r\n]/);
});
