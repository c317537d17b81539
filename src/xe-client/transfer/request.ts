import type { Socket } from 'node:net';
import { connect } from '../connect.js';
import type { Endpoint } from '../endpoint.js';
import { describe } from '../problem.js';
import type { Settings } from '../settings/settings.js';
import { write } from '../streams.js';
import { operationFailed, TransferFailure } from './failure.js';
import { type Place, placeOf } from './place.js';
import { type ResponseHead, readResponseHead } from './response-head.js';

/** Redirections that are followed: a pool has one master, so more than a few lead in a circle. */
const REDIRECTION_LIMIT = 10;

/** A response whose body is still to come on its connection. */
export interface Response extends ResponseHead {
  readonly socket: Socket;
}

/** Sends a request of HTTP/1.0 on a connection of its own. Rejects with TransferFailure when no response comes. */
export async function request(method: string, place: Place, headers: string): Promise<Response> {
  const socket = await connect(place.endpoint).catch((thrown) => {
    throw operationFailed(describe(thrown));
  });
  try {
    await write(socket, `${method} ${place.path} HTTP/1.0\r\n${headers}\r\n`);
    return { ...(await readResponseHead(socket)), socket };
  } catch (thrown) {
    socket.destroy();
    throw thrown instanceof TransferFailure ? thrown : operationFailed(describe(thrown));
  }
}

/**
 * Sends a request, again where the server says it should go, until one is accepted: only then is a body sent or read.
 * Rejects with TransferFailure when it is refused.
 *
 * @param from the way to the server that gave the URL
 */
export async function acceptedRequest(
  method: 'GET' | 'PUT',
  url: string,
  headers: string,
  from: Endpoint,
  settings: Settings,
): Promise<Socket> {
  let place = placeOf(url, from, settings);
  for (let i = 0; i <= REDIRECTION_LIMIT; i++) {
    const { status, location, socket } = await request(method, place, headers);
    if (status === 200) return socket;
    socket.destroy();
    if (status !== 302 || location === undefined) throw new TransferFailure('');
    place = placeOf(location, place.endpoint, settings);
  }
  throw operationFailed('the server redirects again and again');
}
