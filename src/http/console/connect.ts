import type { ConnectHandler } from '../connect.js';
import type { ConsoleAccess } from './access.js';
import { findConsole } from './find-console.js';
import { relay } from './relay.js';

/**
 * Head of the reply, to the byte: OpenXenManager reads exactly 78 bytes and takes what follows for the console.
 */
const HEAD = 'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n';

/** `CONNECT /console`: the bytes of a console follow the head of the reply. */
export function consoleConnect(consoles: ConsoleAccess): Record<'connect_console', ConnectHandler> {
  return {
    connect_console: async (request, socket, firstBytes) => {
      const found = findConsole(request, consoles, 'host_console');
      const stream = await found.open();
      request.logger.debug({ protocol: found.protocol }, 'console opened');
      if (firstBytes.length > 0) socket.unshift(firstBytes);
      socket.write(HEAD);
      await relay(socket, stream, found.protocol);
    },
  };
}
