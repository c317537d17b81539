import { describe, expect, it } from 'vitest';
import { ApiError } from '../model/error.js';
import { createLog, requestLog } from './log.js';
import { maskSession } from './mask.js';

const SESSION = 'OpaqueRef:3f0f4f6e-8a3a-4a5e-9f57-0a3f8e1f6f10';

function capture() {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', stream: { write: (line: string) => void lines.push(line) } });
  return { log, lines, last: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '') };
}

describe('log', () => {
  it('writes one JSON object a line', () => {
    const { log, lines, last } = capture();
    log.info({ port: 443 }, 'serving');
    log.trace('not at this level');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toMatchObject({
      level: 'info',
      port: 443,
      msg: 'serving',
      pid: process.pid,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('carries the ids of a request through child logs, with the session masked', () => {
    const { log, lines, last } = capture();
    requestLog(log, { request: 'r1', task: 'OpaqueRef:t', session: SESSION }).warn('slow');
    expect(last()).toMatchObject({ request: 'r1', task: 'OpaqueRef:t', session: maskSession(SESSION), msg: 'slow' });
    expect(lines.join()).not.toContain(SESSION);
  });

  it.each([
    ['a password', { password: 'hidden-value' }],
    ['a password under its name in the API', { params: { pwd: 'hidden-value' } }],
    ['a header', { headers: { Authorization: 'hidden-value' } }],
    ['a secret in a map', { other: new Map([['pool_secret', 'hidden-value']]) }],
    ['a session in the query of a URL', { url: '/export?uuid=1&session_id=hidden-value&x=1' }],
    ['a secret that an error carries', { err: Object.assign(new Error('failed'), { new_password: 'hidden-value' }) }],
  ])('masks %s', (_title, fields) => {
    const { log, lines } = capture();
    log.error(fields, 'text');
    expect(lines.join()).toContain('masked');
    expect(lines.join()).not.toContain('hidden-value');
  });

  it('masks the session that an error of the API names, also in its text', () => {
    const { log, lines } = capture();
    log.info({ err: new ApiError('SESSION_INVALID', SESSION) }, `failed: SESSION_INVALID [${SESSION}]`);
    log.error(new ApiError('HANDLE_INVALID', 'session', SESSION));
    expect(lines.join()).toContain(maskSession(SESSION));
    expect(lines.join()).not.toContain(SESSION);
  });

  it('leaves references of other objects as they are', () => {
    const { log, last } = capture();
    log.info({ err: new ApiError('HANDLE_INVALID', 'VM', SESSION) });
    expect(JSON.stringify(last())).toContain(SESSION);
  });

  it('keeps the message and stack of an error', () => {
    const { log, last } = capture();
    log.error({ err: new Error('disk is full', { cause: new TypeError('deeper') }) });
    expect(last().err).toMatchObject({ type: 'Error', message: 'disk is full', cause: { type: 'TypeError', message: 'deeper' } });
    expect(JSON.stringify(last().err)).toContain('log.test');
  });

  it.each([
    ['a long text', 'x'.repeat(1_000_000), {}],
    ['a long value', '', { value: 'x'.repeat(1_000_000) }],
    ['many values', '', Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, 'x'.repeat(1000)]))],
    ['long keys', '', { ['k'.repeat(1_000_000)]: 1 }],
    ['a long list of lists', '', { list: Array.from({ length: 500 }, () => Array.from({ length: 500 }, () => 'some text')) }],
  ])('bounds %s', (_title, text, fields) => {
    const { log, lines, last } = capture();
    log.info(fields, text);
    expect(lines.join().length).toBeLessThan(20_000);
    expect(last()).toMatchObject({ level: 'info' });
  });

  it('survives values that contain themselves', () => {
    const { log, last } = capture();
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    log.info({ loop }, 'loop');
    expect(last()).toMatchObject({ msg: 'loop' });
  });
});
