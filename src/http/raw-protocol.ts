import type { Socket } from 'node:net';
import type { Peer } from './connection.js';

/** Whether the first bytes of a connection belong to a protocol; `more` when that cannot be told yet. */
export type Match = 'yes' | 'no' | 'more';

/**
 * Something that clients speak on the HTTP ports and an HTTP parser cannot take: the `xe` protocol, uploads that claim
 * to be chunked and are not, uploads without any length.
 */
export interface RawProtocol {
  /** For logs and metrics. */
  readonly name: string;
  /** Looks at what has arrived so far, from the first byte on. Must be cheap and not keep the buffer. */
  matches(firstBytes: Buffer): Match;
  /**
   * Takes the connection over. `firstBytes` are out of the socket already. It is paused: call `resume` when listeners
   * are in place (`pipe` and `for await` do so themselves). Its errors are listened to, and it is destroyed at the
   * latest when the daemon ends.
   */
  take(socket: Socket, firstBytes: Buffer, peer: Peer): void;
}

/** The first protocol that claims the bytes; `undecided` when one may with more bytes, else undefined: it is HTTP. */
export function claim(protocols: readonly RawProtocol[], firstBytes: Buffer): RawProtocol | 'undecided' | undefined {
  let undecided = false;
  for (const protocol of protocols) {
    const match = protocol.matches(firstBytes);
    if (match === 'yes') return protocol;
    undecided ||= match === 'more';
  }
  return undecided ? 'undecided' : undefined;
}
