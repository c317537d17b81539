import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Connection, ConnectionTable, Peer } from './connection.js';
import type { HttpLimits } from './limits.js';
import { claim, type RawProtocol } from './raw-protocol.js';

/** What the front door needs. */
export interface FrontDoorOptions {
  /** Gets every connection that no raw protocol claims. It never listens itself. */
  readonly http: Server;
  readonly protocols: readonly RawProtocol[];
  readonly connections: ConnectionTable;
  readonly limits: HttpLimits;
  readonly logger: Logger;
}

/** Takes raw connections, looks at their first bytes and hands them over to who can speak to that client. */
export class FrontDoor {
  constructor(private readonly options: FrontDoorOptions) {}

  /** Takes a connection that is ready to be read. */
  accept(socket: Socket, peer: Peer): void {
    const { connections, limits, logger } = this.options;
    // Stays for the life of the socket, whoever it is handed to: a client that resets its connection is no event.
    socket.on('error', (error) => logger.debug({ address: peer.address, error: error.message }, 'connection failed'));
    if (connections.isClosing) {
      socket.destroy();
      return;
    }
    const connection = connections.add(socket, peer);
    connection.awaitedUntil = connections.now + limits.headTime;
    this.peek(connection);
  }

  private peek(connection: Connection): void {
    const { socket } = connection;
    let seen: Buffer | undefined;
    const onEnd = () => socket.end();
    const onData = (data: Buffer) => {
      seen = seen ? Buffer.concat([seen, data]) : data;
      const claimed = claim(this.options.protocols, seen);
      if (claimed === 'undecided' && seen.length < this.options.limits.head) return;
      socket.off('data', onData);
      socket.off('end', onEnd);
      connection.awaitedUntil = 0;
      if (claimed && claimed !== 'undecided') this.handToProtocol(claimed, connection, seen);
      else this.handToHttp(socket, seen);
    };
    socket.on('data', onData);
    socket.on('end', onEnd);
  }

  private handToHttp(socket: Socket, firstBytes: Buffer): void {
    socket.unshift(firstBytes);
    this.options.http.emit('connection', socket);
  }

  private handToProtocol(protocol: RawProtocol, connection: Connection, firstBytes: Buffer): void {
    const { socket, peer } = connection;
    socket.pause();
    connection.takeOver();
    this.options.logger.debug({ address: peer.address, protocol: protocol.name }, 'connection handed over');
    try {
      protocol.take(socket, firstBytes, peer);
    } catch (error) {
      this.options.logger.error({ protocol: protocol.name, err: error }, 'protocol handler failed');
      socket.destroy();
    }
  }
}
