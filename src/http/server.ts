import type net from 'node:net';
import type { SecureVersion } from 'node:tls';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { RpcService } from '../api/rpc.js';
import type { Readiness } from './application.js';
import type { Authenticator, HttpTasks } from './authenticator.js';
import { daysLeft, loadOrMakeCertificate } from './certificate.js';
import type { ConnectHandler } from './connect.js';
import { ConnectionTable } from './connection.js';
import type { EndpointHandler } from './endpoint.js';
import { blobEndpoints } from './endpoints/blob.js';
import type { BlobAccess } from './endpoints/blob-access.js';
import { FrontDoor } from './front-door.js';
import { makeHttpServer } from './http-server.js';
import { type HttpLimits, httpLimits } from './limits.js';
import { type ListenerOptions, listenOnPort, listenOnUnixSocket, plainServer, tlsServer, unixServer } from './listeners.js';
import { makeMetrics } from './metrics.js';
import type { RawProtocol } from './raw-protocol.js';
import { checkEndpointNames } from './routes.js';
import { sizedUploads } from './sized-upload.js';
import { unsizedUploads } from './unsized-upload.js';
import { upgradeProtocol } from './upgrade-protocol.js';

/** Where to listen, and what answers. */
export interface HttpOptions {
  /** Address of the TCP listeners. */
  readonly bind: string;
  /** Port for plain HTTP; 0 is any free one. */
  readonly httpPort: number | 'off';
  /** Port for TLS; 0 is any free one. */
  readonly httpsPort: number;
  /** Ports to take when those above are in use or not permitted. */
  readonly fallbackPorts?: { readonly http?: number; readonly https?: number };
  /** Path of the Unix socket whose peers are trusted as root; none without it. */
  readonly unixSocketPath?: string;
  /** Key and certificate live in its `tls` folder. */
  readonly dataDir: string;
  /** Oldest TLS that is spoken; 1.2 by default, which is all that some clients have. */
  readonly tlsMinVersion?: SecureVersion;
  readonly rpc: RpcService;
  readonly authenticator: Authenticator;
  readonly tasks: HttpTasks;
  readonly blobs: BlobAccess;
  readonly ready: () => Readiness;
  readonly logger: Logger;
  /** Handlers of further endpoints, by their names in the model. */
  readonly endpoints?: Readonly<Record<string, EndpointHandler>>;
  /** Handlers of CONNECT endpoints, by their names in the model. */
  readonly connectEndpoints?: Readonly<Record<string, ConnectHandler>>;
  /** What is spoken on the same ports and is not HTTP, in the order in which they are asked. */
  readonly rawProtocols?: readonly RawProtocol[];
  readonly limits?: Partial<HttpLimits>;
}

/** The HTTP floor while it serves. */
export interface RunningHttp {
  readonly httpUrl?: string;
  readonly httpsUrl: string;
  readonly unixSocketPath?: string;
  /** SHA-256 of the certificate, as `AB:CD:…`. */
  readonly fingerprint: string;
  /** For metrics of other floors. */
  readonly metrics: Registry;
  /** Accepts nothing more, lets requests finish for at most this many milliseconds, then ends all connections. */
  close(graceTime: number): Promise<void>;
}

/** Opens the listeners. Rejects, with none of them open, when one cannot be had or the certificate cannot be used. */
export async function startHttp(options: HttpOptions): Promise<RunningHttp> {
  const { logger, bind, unixSocketPath } = options;
  const limits = { ...httpLimits, ...options.limits };
  const handlers = new Map(Object.entries({ ...blobEndpoints(options.blobs), ...options.endpoints }));
  const connectHandlers = new Map(Object.entries(options.connectEndpoints ?? {}));
  checkEndpointNames([...handlers.keys(), ...connectHandlers.keys()]);
  const certificate = await loadOrMakeCertificate(options.dataDir);
  if (daysLeft(certificate.cert) < 0) logger.warn({ dataDir: options.dataDir }, 'the TLS certificate has expired');

  const connections = new ConnectionTable(limits, logger);
  const metrics = makeMetrics(() => connections.size);
  const parts = { ...options, handlers, connectHandlers, connections, limits, metrics };
  const http = makeHttpServer({ ...parts, upgrades: false });
  const upgrading = makeHttpServer({ ...parts, upgrades: true });
  const uploads = [sizedUploads(http, connections), unsizedUploads(http, connections)];
  const protocols = [...(options.rawProtocols ?? []), upgradeProtocol(upgrading), ...uploads];
  const door = new FrontDoor({ http, protocols, connections, limits, logger });
  const listenerOptions: ListenerOptions = { accept: (socket, peer) => door.accept(socket, peer), limits, logger };
  const servers: net.Server[] = [];
  const underTls = new Set<net.Socket>();
  const open = <S extends net.Server>(server: S): S => {
    servers.push(server);
    return server;
  };

  const close = async (graceTime: number): Promise<void> => {
    for (const server of servers) server.close();
    await connections.close(graceTime);
    for (const socket of underTls) socket.destroy();
    http.close();
    upgrading.close();
  };

  try {
    const https = open(tlsServer(listenerOptions, certificate, options.tlsMinVersion ?? 'TLSv1.2', underTls));
    const httpsPort = await listenOnPort(https, bind, options.httpsPort, options.fallbackPorts?.https, logger);
    const httpUrl =
      options.httpPort === 'off'
        ? undefined
        : urlOf(
            'http',
            bind,
            await listenOnPort(open(plainServer(listenerOptions)), bind, options.httpPort, options.fallbackPorts?.http, logger),
          );
    if (unixSocketPath !== undefined) await listenOnUnixSocket(open(unixServer(listenerOptions)), unixSocketPath, logger);
    return {
      ...(httpUrl !== undefined && { httpUrl }),
      httpsUrl: urlOf('https', bind, httpsPort),
      ...(unixSocketPath !== undefined && { unixSocketPath }),
      fingerprint: certificate.fingerprint,
      metrics: metrics.registry,
      close,
    };
  } catch (error) {
    await close(0);
    throw error;
  }
}

/** An address that works from this machine: a listener on all addresses is shown under the loopback one. */
function urlOf(scheme: 'http' | 'https', bind: string, port: number): string {
  const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind.includes(':') ? `[${bind}]` : bind;
  const standard = scheme === 'http' ? 80 : 443;
  return `${scheme}://${host}${port === standard ? '' : `:${port}`}`;
}
