import type { Server } from 'node:http';
import type { ConnectionTable } from './connection.js';
import { httpLimits } from './limits.js';
import type { Match, RawProtocol } from './raw-protocol.js';
import { UploadConnection } from './upload-connection.js';

const BEGINNING = Buffer.from('PUT /import', 'latin1');
const END_OF_HEAD = '\r\n\r\n';
/** Uploads of disks and VMs: they are answered with the end of the connection, so that nothing can follow the body. */
const HEAD = /^PUT \/import(?:_raw_vdi)?(?:\?[^ \r\n]*)? HTTP\/1\.[01]\r\n/;
const LENGTH = /^content-length: *(\d{1,15}) *\r$/im;
const OTHER_FRAMES = /^transfer-encoding:/im;
/** Bytes from which on it is worth while. */
const LARGE = 2 ** 22;

/**
 * Large uploads of a known length: an HTTP parser copies each body in parts of 64 KiB, which costs more than everything else that is
 * done with them. The parser gets the head alone, and the body is read from the socket to where it is wanted.
 */
export function sizedUploads(server: Server, connections: ConnectionTable): RawProtocol {
  return {
    name: 'upload',
    matches(firstBytes): Match {
      const length = Math.min(firstBytes.length, BEGINNING.length);
      if (firstBytes.compare(BEGINNING, 0, length, 0, length) !== 0) return 'no';
      const end = firstBytes.indexOf(END_OF_HEAD);
      if (end < 0) return firstBytes.length < httpLimits.head ? 'more' : 'no';
      const head = firstBytes.toString('latin1', 0, end + 2);
      return HEAD.test(head) && !OTHER_FRAMES.test(head) && lengthIn(head) >= LARGE ? 'yes' : 'no';
    },
    take(socket, firstBytes) {
      const bodyStart = firstBytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length;
      const head = firstBytes.subarray(0, bodyStart);
      const upload = UploadConnection.of(socket, head, firstBytes.subarray(bodyStart), lengthIn(head.toString('latin1')));
      if (upload === undefined) socket.unshift(firstBytes);
      else connections.standsFor(upload, socket);
      server.emit('connection', upload ?? socket);
      // It was paused for whoever takes it over. Paused, the parser would get what comes next before what was put back.
      if (upload === undefined) socket.resume();
    },
  };
}

/** Zero where a head says no length, or more than one. */
function lengthIn(head: string): number {
  const found = LENGTH.exec(head);
  const isOnly = head.match(/^content-length:/gim)?.length === 1;
  return found && isOnly ? Number(found[1]) : 0;
}
