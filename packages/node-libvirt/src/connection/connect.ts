import { ErrorCode, ErrorDomain } from '../enums/errors.js';
import { LibvirtError, LibvirtTimeout } from '../errors.js';
import { dial } from '../transport/dial.js';
import type { SshOptions } from '../transport/ssh.js';
import type { TlsOptions } from '../transport/tls.js';
import { parseUri, type Target } from '../transport/uri.js';
import type { Connection } from './connection.js';
import type { KeepAliveOptions } from './keep-alive.js';
import { RpcConnection } from './rpc-connection.js';

/** Milliseconds that a call may take unless its caller says otherwise. */
const DEFAULT_TIMEOUT = 30_000;

/** What libvirt's own client does. */
const DEFAULT_KEEP_ALIVE: KeepAliveOptions = { interval: 5, count: 5 };

/** The number by which a daemon is asked whether it answers signs of life. */
const KEEP_ALIVE_FEATURE = 10;

/** CONNECT_OPEN's flag for a connection that may not change anything. */
const READ_ONLY = 1;

const Auth = { NONE: 0, SASL: 1, POLKIT: 2 } as const;

/** How to connect. */
export interface ConnectOptions {
  /** Milliseconds that a call may take unless its caller says otherwise, and that connecting may take. 0 for no limit. */
  readonly timeout?: number | undefined;
  readonly readOnly?: boolean | undefined;
  /** Every 5 seconds, 5 times unless given. */
  readonly keepAlive?: KeepAliveOptions | false | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly ssh?: SshOptions | undefined;
}

/**
 * Connects to the daemon that `uri` names: `qemu:///system`, `qemu:///system?socket=PATH`, `qemu+tcp://HOST/system`,
 * `qemu+tls://HOST/system?pkipath=FOLDER`, `qemu+ssh://USER@HOST/system`, `test:///default`.
 * Rejects with `LibvirtClosed` if there is no way to it, `LibvirtTimeout` if it takes too long, `LibvirtError` if it refuses,
 * and `TypeError` for a URI that this client cannot follow.
 */
export async function connect(uri: string, options: ConnectOptions = {}): Promise<Connection> {
  const { timeout = DEFAULT_TIMEOUT, readOnly = false, tls, ssh } = options;
  const target = parseUri(uri, readOnly);
  const limit = new AbortController();
  const timer = timeout > 0 && Number.isFinite(timeout) ? setTimeout(() => limit.abort(), timeout) : undefined;
  const signal = options.signal ? AbortSignal.any([options.signal, limit.signal]) : limit.signal;
  try {
    const connection = new RpcConnection(uri, await dial(target, { tls, ssh, signal }), timeout);
    try {
      await greet(connection, target, options, signal);
      return connection;
    } catch (error) {
      connection.abandon();
      throw error;
    }
  } catch (error) {
    if (limit.signal.aborted && !options.signal?.aborted) throw new LibvirtTimeout('connecting', timeout);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function greet(connection: RpcConnection, target: Target, options: ConnectOptions, signal: AbortSignal): Promise<void> {
  const { keepAlive = DEFAULT_KEEP_ALIVE, readOnly = false } = options;
  const limits = { timeout: 0, signal };
  await authenticate(connection, target, limits);
  if (keepAlive) {
    const { supported } = await connection.call('CONNECT_SUPPORTS_FEATURE', { feature: KEEP_ALIVE_FEATURE }, limits);
    if (supported) connection.keepAlive(keepAlive);
  }
  await connection.call('CONNECT_OPEN', { name: target.name, flags: readOnly ? READ_ONLY : 0 }, limits);
}

async function authenticate(connection: RpcConnection, target: Target, limits: { signal: AbortSignal }): Promise<void> {
  const { types } = await connection.call('AUTH_LIST', {}, limits);
  if (types.length === 0 || types.includes(Auth.NONE)) return;
  if (types.includes(Auth.POLKIT) && target.transport === 'unix') {
    const { complete } = await connection.call('AUTH_POLKIT', {}, limits);
    if (complete) return;
    throw refused('polkit does not allow this connection');
  }
  const names = types.map((type) => (type === Auth.SASL ? 'SASL' : type === Auth.POLKIT ? 'polkit' : `kind ${type}`));
  throw refused(`the daemon asks for authentication that this client does not have: ${names.join(', ')}`);
}

function refused(message: string): LibvirtError {
  return new LibvirtError('AUTH_LIST', { code: ErrorCode.AUTH_FAILED, domain: ErrorDomain.RPC, level: 2, message });
}
