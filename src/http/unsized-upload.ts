import type { Server } from 'node:http';
import { BodyUntilEnd } from './body-until-end.js';
import type { ConnectionTable } from './connection.js';
import type { Match, RawProtocol } from './raw-protocol.js';

const BEGINNING = Buffer.from('PUT ', 'latin1');
const END_OF_HEAD = '\r\n\r\n';
const HTTP_1_0 = /^[^\r\n]* HTTP\/1\.0\r\n/;
const SAYS_LENGTH = /^(?:content-length|transfer-encoding):/im;

/** OpenXenManager says that what it sends comes in chunks, and then sends it as it is. */
const FALSE_CHUNKS = { client: /^user-agent: *put\.py\//im, header: /^transfer-encoding: *chunked\r\n/im };

/**
 * Uploads whose body ends with the connection. Clients that speak HTTP/1.0 and read from a pipe do not know its length, and
 * an HTTP parser takes a request without one for a request without body: they go to the server in a form that it knows. So do those
 * of a client that says something else of its body than what is true.
 */
export function unsizedUploads(server: Server, connections: ConnectionTable): RawProtocol {
  return {
    name: 'unsized upload',
    matches(firstBytes): Match {
      const length = Math.min(firstBytes.length, BEGINNING.length);
      if (firstBytes.compare(BEGINNING, 0, length, 0, length) !== 0) return 'no';
      const end = firstBytes.indexOf(END_OF_HEAD);
      if (end < 0) return 'more';
      const head = firstBytes.toString('latin1', 0, end + END_OF_HEAD.length);
      return (HTTP_1_0.test(head) && !SAYS_LENGTH.test(head)) || isFalselyChunked(head) ? 'yes' : 'no';
    },
    take(socket, firstBytes) {
      const bodyStart = firstBytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
      const head = firstBytes.toString('latin1', 0, bodyStart).replace(FALSE_CHUNKS.header, '');
      const upload = new BodyUntilEnd(socket, head, firstBytes.subarray(bodyStart));
      connections.standsFor(upload, socket);
      server.emit('connection', upload);
    },
  };
}

function isFalselyChunked(head: string): boolean {
  return FALSE_CHUNKS.client.test(head) && FALSE_CHUNKS.header.test(head);
}
