import type { Server } from 'node:http';
import { BodyUntilEnd } from './body-until-end.js';
import type { ConnectionTable } from './connection.js';
import type { Match, RawProtocol } from './raw-protocol.js';

const BEGINNING = Buffer.from('PUT ', 'latin1');
const END_OF_HEAD = '\r\n\r\n';
const HTTP_1_0 = /^[^\r\n]* HTTP\/1\.0\r\n/;
const SAYS_LENGTH = /^(?:content-length|transfer-encoding):/im;

/**
 * Uploads whose body ends with the connection. Clients that speak HTTP/1.0 and read from a pipe do not know its length, and
 * an HTTP parser takes a request without one for a request without body: they go to the server in a form that it knows.
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
      return HTTP_1_0.test(head) && !SAYS_LENGTH.test(head) ? 'yes' : 'no';
    },
    take(socket, firstBytes) {
      const bodyStart = firstBytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
      const upload = new BodyUntilEnd(socket, firstBytes.toString('latin1', 0, bodyStart), firstBytes.subarray(bodyStart));
      connections.standsFor(upload, socket);
      server.emit('connection', upload);
    },
  };
}
