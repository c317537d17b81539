import { describe, expect, it } from 'vitest';
import { XeProtocolError } from './protocol-error.js';
import { BODY_LIMIT, encodeRequest, parseBody, parseHead } from './request.js';

describe('a request', () => {
  it('is a head with the length of the words, and the words', () => {
    const request = encodeRequest(['vm-list', 'name-label=é'], { 'User-agent': 'me' }).toString('utf8');
    expect(request).toBe('POST /cli HTTP/1.0\r\nUser-agent: me\r\ncontent-length: 21\r\n\r\nvm-list\nname-label=é');
  });

  it('has a head whose names are of any case', () => {
    const head = parseHead('POST /cli HTTP/1.0\r\nUSER-AGENT: xe-cli/Unix/0.2\r\noriginator: cli\r\nContent-Length: 12');
    expect(head).toEqual({ contentLength: 12, userAgent: 'xe-cli/Unix/0.2', originator: 'cli' });
  });

  it.each([
    ['no length', 'user-agent: x'],
    ['a negative length', 'content-length: -1'],
    ['a length that is none', 'content-length: 1e3'],
    ['two numbers', 'content-length: 1 2'],
    ['too long a length', `content-length: ${BODY_LIMIT + 1}`],
    ['an endless length', 'content-length: 99999999999999999999'],
  ])('with %s is refused', (_, line) => {
    expect(() => parseHead(`POST /cli HTTP/1.0\r\n${line}`)).toThrow(XeProtocolError);
  });

  it('may be as long as it may be', () => {
    expect(parseHead(`POST /cli HTTP/1.0\r\ncontent-length: ${BODY_LIMIT}`).contentLength).toBe(BODY_LIMIT);
  });
});

describe('the words of a body', () => {
  it('are its lines', () => {
    expect(parseBody(Buffer.from('vm-list\nparams=a b\n\nusername=root'))).toEqual([
      'vm-list',
      'params=a b',
      '',
      'username=root',
    ]);
  });

  it('lose one carriage return at their end', () => {
    expect(parseBody(Buffer.from('vm-list\r\na=\r\r\nb=1'))).toEqual(['vm-list', 'a=\r', 'b=1']);
  });
});
