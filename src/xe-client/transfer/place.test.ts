import { expect, it } from 'vitest';
import type { Endpoint } from '../endpoint.js';
import { placeOf } from './place.js';

const FROM: Endpoint = { kind: 'unix', path: '/x.sock' };
const settings = (port: number | undefined, tls = true) => ({
  ...{ server: 'h', user: '', password: '', debug: false, debugOnFail: false, traceparent: undefined, words: [] },
  port,
  tls,
});

it.each([
  ['/export?ref=a%20b', undefined, true, { endpoint: FROM, path: '/export?ref=a%20b' }],
  ['http://other/x', undefined, true, { endpoint: FROM, path: 'http://other/x' }],
  ['https://other/x?y=%26', undefined, true, { endpoint: { kind: 'tls', host: 'other', port: 443 }, path: '/x?y=%26' }],
  ['https://other:1234/x', 8443, true, { endpoint: { kind: 'tls', host: 'other', port: 8443 }, path: '/x' }],
  ['https://other:1234/x', undefined, false, { endpoint: { kind: 'tcp', host: 'other', port: 80 }, path: '/x' }],
  ['https://127.0.0.1/x', undefined, true, { endpoint: { kind: 'tcp', host: '127.0.0.1', port: 80 }, path: '/x' }],
  ['https://[fe80::1]:5/x', undefined, true, { endpoint: { kind: 'tls', host: 'fe80::1', port: 443 }, path: '/x' }],
  ['https://other', undefined, true, { endpoint: { kind: 'tls', host: 'other', port: 443 }, path: '/' }],
])('%s leads where it says', (url, port, tls, place) => {
  expect(placeOf(url, FROM, settings(port, tls))).toEqual(place);
});

it.each(['', '/x\r\nHost: y', '/x\0', 'https://h/x\ny'])('%j leads nowhere', (url) => {
  expect(() => placeOf(url, FROM, settings(undefined))).toThrow('cannot be asked for');
});
