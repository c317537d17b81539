import { createWebSocketStream, WebSocketServer } from 'ws';
import type { ConnectHandler } from '../connect.js';
import { HttpError } from '../error-page.js';
import type { ConsoleAccess } from './access.js';
import { findConsole } from './find-console.js';
import { relay } from './relay.js';

/** Longest message of a viewer, in bytes: text for the guest's clipboard is the longest that there is. */
const LONGEST_MESSAGE = 1024 * 1024;

/** Sub-protocol that viewers in browsers ask for: each message carries bytes of the console. */
const BINARY = 'binary';

/** `GET /console` with an upgrade to WebSocket, for viewers in browsers. */
export function consoleWebSocket(consoles: ConsoleAccess): Record<'connect_console_ws', ConnectHandler> {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE,
    // Screens are pictures that the protocol has packed already.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(BINARY) ? BINARY : false),
  });
  return {
    connect_console_ws: async (request, socket, firstBytes) => {
      const found = findConsole(request, consoles, 'host_console_ws');
      if (request.headers.upgrade?.toLowerCase() !== 'websocket')
        throw new HttpError(400, 'a console needs an upgrade to WebSocket');
      const stream = await found.open();
      let upgraded = false;
      await new Promise<void>((resolve, reject) => {
        // What is wrong with the request, the package answers by itself, and ends the connection.
        socket.once('close', () => {
          if (!upgraded) resolve();
        });
        server.handleUpgrade(request.req, socket, firstBytes, (webSocket) => {
          upgraded = true;
          const client = createWebSocketStream(webSocket);
          relay(client, stream, found.protocol).then(resolve, reject);
        });
      }).finally(() => stream.destroy());
    },
  };
}
