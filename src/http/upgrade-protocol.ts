import type { Server } from 'node:http';
import type { Match, RawProtocol } from './raw-protocol.js';

/** How a connection begins whose request may upgrade: the one path of the model that has WebSocket. */
const BEGINNING = Buffer.from('GET /console', 'latin1');

/** Hands connections that begin with the path of a console to a server whose requests may upgrade. */
export function upgradeProtocol(server: Server): RawProtocol {
  return {
    name: 'upgrade',
    matches(firstBytes): Match {
      const length = Math.min(firstBytes.length, BEGINNING.length);
      if (firstBytes.compare(BEGINNING, 0, length, 0, length) !== 0) return 'no';
      return length === BEGINNING.length ? 'yes' : 'more';
    },
    take(socket, firstBytes) {
      socket.unshift(firstBytes);
      server.emit('connection', socket);
      socket.resume();
    },
  };
}
