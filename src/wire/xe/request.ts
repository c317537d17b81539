import { XeProtocolError } from './protocol-error.js';

/** How every request begins. */
export const REQUEST_START = 'POST /cli HTTP/1.';

/** Longest head of a request: a request line and a handful of headers. */
export const HEAD_LIMIT = 16 * 1024;

/** Longest body: the arguments of one command line, as the original bounds them. */
export const BODY_LIMIT = 200 * 1024;

/** What the head of a request says. */
export interface RequestHead {
  readonly contentLength: number;
  readonly userAgent?: string;
  readonly originator?: string;
}

/** The head of a request, without the empty line that ends it. Throws XeProtocolError when it has no length that can be. */
export function parseHead(head: string): RequestHead {
  const headers = new Map<string, string>();
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const text = headers.get('content-length') ?? '';
  const contentLength = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(contentLength <= BODY_LIMIT)) throw new XeProtocolError('the request has no length, or one that cannot be');
  const userAgent = headers.get('user-agent');
  const originator = headers.get('originator');
  return { contentLength, ...(userAgent !== undefined && { userAgent }), ...(originator !== undefined && { originator }) };
}

/** A request with the words of a command line, credentials last. */
export function encodeRequest(words: readonly string[], headers: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(words.join('\n'));
  const lines = Object.entries({ ...headers, 'content-length': String(body.length) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`POST /cli HTTP/1.0\r\n${lines.join('')}\r\n`), body]);
}

/** The words of a body. One carriage return at the end of each belongs to the line. */
export function parseBody(body: Buffer): string[] {
  return body
    .toString('utf8')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
