import { type LookupAddress, lookup as lookUp } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { cancellation } from './progress.js';

/** Milliseconds in which a server says nothing at all before it counts as gone. */
const SILENCE = 30_000;

/** Redirections that are followed: mirrors need one or two. */
const REDIRECTIONS = 5;

/** Services of clouds that give out the secrets of the machine to whoever asks from it are at such addresses. */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16);
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');

/** Why a file could not be had from a server. */
export class HttpGetError extends Error {
  override readonly name = 'HttpGetError';
}

/**
 * Asks a server for a file. Resolves when its headers are there; the body is to be read or destroyed. Follows redirections, never
 * from https to http. Rejects with HttpGetError.
 */
export async function httpGet(address: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let url = address;
  for (let redirections = 0; redirections <= REDIRECTIONS; redirections++) {
    const answer = await ask(url, signal);
    const { statusCode = 0, headers } = answer;
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return answer;
    answer.destroy();
    url = redirected(url, headers.location);
  }
  throw new HttpGetError(`${shown(address)} leads from one address to the next without an end`);
}

/** An address without what must not be shown. */
export function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:')) return to;
  throw new HttpGetError(`${shown(from)} leads to an address that is not followed`);
}

function ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const fail = (thrown: Error): void =>
      reject(signal.aborted ? cancellation(signal) : new HttpGetError(`${shown(url)}: ${thrown.message || 'no answer'}`));
    try {
      refuseLinkLocal(url.hostname.replace(/^\[|\]$/g, ''));
      const begun = begin(url, signal);
      begun.once('response', resolve);
      begun.on('error', fail);
      begun.on('timeout', () => begun.destroy(new Error(`nothing came for ${SILENCE / 1000} seconds`)));
      begun.end();
    } catch (thrown) {
      fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  });
}

function begin(url: URL, signal: AbortSignal): ClientRequest {
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'xenapi-gateway' };
  const options = { headers, signal, timeout: SILENCE, lookup, agent: false } as const;
  return url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
}

/** Looks up names as any program does; what is found is checked before anything is sent there. */
const lookup: LookupFunction = (hostname, options, done) => {
  lookUp(hostname, { ...options, all: true }, (error, found) => {
    try {
      if (error) throw error;
      for (const { address } of found) refuseLinkLocal(address);
      const [first] = found;
      if (first === undefined) throw new Error(`${hostname} has no address`);
      if (options.all) done(null, found as LookupAddress[]);
      else done(null, first.address, first.family);
    } catch (thrown) {
      done(thrown instanceof Error ? thrown : new Error(String(thrown)), '');
    }
  });
};

function refuseLinkLocal(address: string): void {
  const kind = isIP(address);
  if (kind !== 0 && LINK_LOCAL.check(address, kind === 6 ? 'ipv6' : 'ipv4'))
    throw new Error('addresses of the link itself are not asked');
}
