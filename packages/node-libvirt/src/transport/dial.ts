import { connect as connectNet, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { LibvirtClosed, LibvirtTimeout } from '../errors.js';
import { dialSsh, type SshOptions } from './ssh.js';
import { dialTls, type TlsOptions } from './tls.js';
import type { Target, UnixTarget } from './uri.js';

/** How to get to a daemon. */
export interface DialOptions {
  readonly tls?: TlsOptions | undefined;
  readonly ssh?: SshOptions | undefined;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** Opens the way to a daemon. Rejects with `LibvirtClosed` if it cannot be opened, or with the signal's reason. */
export async function dial(target: Target, options: DialOptions): Promise<Duplex> {
  try {
    return await open(target, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof LibvirtClosed || error instanceof LibvirtTimeout) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LibvirtClosed(`cannot connect to libvirt: ${reason}`, { cause: error });
  }
}

async function open(target: Target, options: DialOptions): Promise<Duplex> {
  const { signal } = options;
  switch (target.transport) {
    case 'unix':
      return await dialUnix(target, signal);
    case 'tcp': {
      const socket = connectNet({ host: target.host, port: target.port, noDelay: true });
      return await connected(socket, signal);
    }
    case 'tls':
      return await dialTls(target, options.tls ?? {}, signal);
    case 'ssh':
      return await dialSsh(target, options.ssh ?? {}, signal);
  }
}

// A socket may be left over from a daemon that is no longer used.
async function dialUnix({ paths }: UnixTarget, signal: AbortSignal): Promise<Socket> {
  let failure: unknown;
  for (const path of paths) {
    try {
      return await connected(connectNet(path), signal);
    } catch (error) {
      // Of several reasons, that there is none is the least telling.
      if (failure === undefined || codeOf(error) !== 'ENOENT') failure = error;
    }
    if (signal.aborted) break;
  }
  throw failure;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const aborted = () => socket.destroy(new Error('given up'));
    signal.addEventListener('abort', aborted, { once: true });
    const failed = (error: Error) => {
      signal.removeEventListener('abort', aborted);
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      signal.removeEventListener('abort', aborted);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
