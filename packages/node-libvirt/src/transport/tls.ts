import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { TlsTarget } from './uri.js';

/** Certificates, if they are not to be read from files. Each of them in PEM. */
export interface TlsOptions {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  /** The name that the daemon's certificate has to be for. The URI's host unless given. */
  readonly servername?: string | undefined;
}

/** What a libvirt daemon sends after the handshake when it takes the client's certificate. */
const WELCOME = 1;

/** Opens TLS to a daemon. Rejects when a certificate does not fit, on either side. */
export async function dialTls(target: TlsTarget, given: TlsOptions, signal: AbortSignal): Promise<Duplex> {
  const files = await certificates(target);
  const ca = given.ca ?? files.ca;
  // Node would trust the web's authorities instead.
  if (ca === undefined && target.verify) throw new Error("there is no certificate of the daemon's authority (cacert.pem)");
  const name = given.servername ?? target.host;
  const options: ConnectionOptions = {
    host: target.host,
    port: target.port,
    rejectUnauthorized: target.verify,
    minVersion: 'TLSv1.2',
    ...(isIP(name) ? {} : { servername: name }),
    ...(ca === undefined ? {} : { ca }),
    ...withDefined('cert', given.cert ?? files.cert),
    ...withDefined('key', given.key ?? files.key),
  };
  const socket = connect(options);
  socket.setNoDelay(true);
  return await welcomed(socket, signal);
}

function withDefined<K extends 'cert' | 'key'>(key: K, value: string | Buffer | undefined): { [P in K]?: string | Buffer } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string | Buffer });
}

interface Certificates {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

// libvirt's own layout: one folder if it is named, else the system's folders, or the user's if there are any.
async function certificates({ pkipath }: TlsTarget): Promise<Certificates> {
  if (pkipath !== undefined)
    return await readAll(`${pkipath}/cacert.pem`, `${pkipath}/clientcert.pem`, `${pkipath}/clientkey.pem`);
  const user = `${homedir()}/.pki/libvirt`;
  const own = await readAll(`${user}/cacert.pem`, `${user}/clientcert.pem`, `${user}/clientkey.pem`);
  const pki = '/etc/pki';
  const system = await readAll(`${pki}/CA/cacert.pem`, `${pki}/libvirt/clientcert.pem`, `${pki}/libvirt/private/clientkey.pem`);
  const pair = own.cert !== undefined && own.key !== undefined ? own : system;
  return { ca: own.ca ?? system.ca, cert: pair.cert, key: pair.key };
}

async function readAll(ca: string, cert: string, key: string): Promise<Certificates> {
  return { ca: await readIfThere(ca), cert: await readIfThere(cert), key: await readIfThere(key) };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function welcomed(socket: TLSSocket, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal.removeEventListener('abort', aborted);
      socket.removeAllListeners();
    };
    const failed = (error: Error) => {
      done();
      // Whatever else happens to a socket that nobody uses.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const aborted = () => failed(new Error('given up'));
    const readable = () => {
      const welcome: unknown = socket.read(1);
      if (welcome === null) return;
      if (Buffer.isBuffer(welcome) && welcome[0] === WELCOME) {
        done();
        resolve(socket);
      } else failed(new Error('the daemon did not greet after the TLS handshake'));
    };
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('readable', readable);
    socket.once('error', failed);
    socket.once('close', () => failed(new Error('the daemon refused the TLS connection')));
  });
}
