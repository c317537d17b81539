import type { Socket } from 'node:net';
import type { Peer } from '../../http/connection.js';
import type { Match, RawProtocol } from '../../http/raw-protocol.js';
import type { Log } from '../../log/log.js';
import { XeProtocolError } from '../../wire/xe/protocol-error.js';
import { REQUEST_START } from '../../wire/xe/request.js';
import type { CommandLines } from './command-lines.js';
import { XeConnection } from './connection.js';

const START = Buffer.from(REQUEST_START, 'latin1');

/** Has connections that begin as the `xe` command's do run command lines. */
export function xeProtocol(commandLines: CommandLines, log: Log): RawProtocol {
  return {
    name: 'xe',
    matches(firstBytes): Match {
      const length = Math.min(firstBytes.length, START.length);
      if (firstBytes.compare(START, 0, length, 0, length) !== 0) return 'no';
      return length === START.length ? 'yes' : 'more';
    },
    take(socket, firstBytes, peer) {
      void serve(commandLines, log, socket, firstBytes, peer);
    },
  };
}

/** Runs the command line of one connection; never rejects. */
async function serve(commandLines: CommandLines, log: Log, socket: Socket, firstBytes: Buffer, peer: Peer): Promise<void> {
  const connection = new XeConnection(socket, firstBytes);
  try {
    const { words, userAgent } = await connection.open();
    const from = { local: peer.local, address: peer.address, ...(userAgent !== undefined && { userAgent }) };
    await connection.exit(await commandLines.run(words, connection, from));
  } catch (thrown) {
    if (thrown instanceof XeProtocolError)
      log.debug({ address: peer.address, reason: thrown.message }, 'xe connection broke off');
    else log.error({ address: peer.address, err: thrown }, 'xe connection failed');
    connection.drop();
  }
}
