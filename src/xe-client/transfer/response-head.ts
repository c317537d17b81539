import type { Readable } from 'node:stream';
import { nextChunk } from '../streams.js';
import { operationFailed } from './failure.js';

/** Longest head of a response: a status line and a handful of headers. */
const HEAD_LIMIT = 16 * 1024;

/** What the head of a response says. */
export interface ResponseHead {
  readonly status: number;
  /** The first line, which has the status in words. */
  readonly statusLine: string;
  readonly location: string | undefined;
}

const END = '\r\n\r\n';

/** Reads the head of a response; the body stays in the stream. Rejects with TransferFailure when there is none. */
export async function readResponseHead(stream: Readable): Promise<ResponseHead> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const chunk = await nextChunk(stream);
    if (chunk === undefined) throw operationFailed('the server closed the connection');
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(END);
    if (end >= 0 && end <= HEAD_LIMIT) {
      const body = bytes.subarray(end + END.length);
      if (body.length > 0) stream.unshift(body);
      return parseHead(bytes.toString('utf8', 0, end));
    }
    if (bytes.length > HEAD_LIMIT) throw operationFailed('the server does not speak HTTP');
  }
}

function parseHead(head: string): ResponseHead {
  const [first = '', ...lines] = head.split('\r\n');
  const status = first.split(' ')[1] ?? '';
  if (!first.startsWith('HTTP/') || !/^\d{3}$/.test(status)) throw operationFailed('the server does not speak HTTP');
  const location = lines.find((line) => /^location: /i.test(line))?.slice('location: '.length);
  return { status: Number(status), statusLine: first, location };
}
