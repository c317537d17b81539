import type { IncomingHttpHeaders } from 'node:http';
import type { HttpCredentials } from './authenticator.js';

/** Path and query of a request target, which may be a path or, through a proxy, a whole URL. */
export interface Target {
  /** As sent, not decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Splits a request target. Never throws: what cannot be decoded stays as it is. */
export function parseTarget(target: string): Target {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/';
  const mark = path.indexOf('?');
  if (mark < 0) return { path, query: new URLSearchParams() };
  return { path: path.slice(0, mark), query: new URLSearchParams(path.slice(mark + 1)) };
}

/** Cookies of a request. They may be separated by `;` or `&`; of two with one name the first counts. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of header?.split(/[;&]/) ?? []) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim();
    if (!cookies.has(name)) cookies.set(name, decoded(part.slice(equals + 1).trim()));
  }
  return cookies;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A value that clients put into a cookie or into the query: the cookie counts first. Empty is absent. */
export function parameter(name: string, cookies: ReadonlyMap<string, string>, query: URLSearchParams): string | undefined {
  return cookies.get(name) || query.get(name) || undefined;
}

/** What a request shows to say who it is; undefined when there is nothing, or nothing that can be read. */
export function parseCredentials(
  headers: IncomingHttpHeaders,
  cookies: ReadonlyMap<string, string>,
  query: URLSearchParams,
  local: boolean,
): HttpCredentials | undefined {
  const session = parameter('session_id', cookies, query);
  if (session !== undefined) return { kind: 'session', session };
  const secret = parameter('pool_secret', cookies, query);
  if (secret !== undefined) return { kind: 'pool_secret', secret };
  if (headers.authorization !== undefined) return parseBasic(headers.authorization);
  return local ? { kind: 'local' } : undefined;
}

function parseBasic(header: string): HttpCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1) };
}
