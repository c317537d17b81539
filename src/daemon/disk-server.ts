import { createSecureContext, type SecureContext } from 'node:tls';
import type { Api } from '../api/api.js';
import type { Config } from '../config/load-config.js';
import { loadOrMakeCertificate } from '../http/certificate.js';
import type { Log } from '../log/log.js';
import { type RunningNbd, startNbd } from '../nbd/server.js';
import { PoolExports } from './nbd-exports.js';

/** The port that clients know. */
const STANDARD_PORT = 10_809;

/**
 * Opens the door for readers of disks, unless it is off. When the standard port is taken and nobody asked for it, any other does:
 * clients are told the port with the name of a disk.
 */
export async function openDiskServer({ nbdPort, bind, dataDir }: Config, api: Api, logger: Log): Promise<RunningNbd | undefined> {
  const exports = new PoolExports(api);
  if (nbdPort === 'off') return undefined;
  const server = await startNbd({
    bind,
    port: nbdPort ?? STANDARD_PORT,
    ...(nbdPort === undefined && { fallbackPort: 0 }),
    exports,
    secureContext: () => secureContext(dataDir),
    logger,
  });
  api.diskServer = { bind, port: server.port };
  return server;
}

/** Certificates may be replaced while the daemon runs: clients are told the one that is there now. */
async function secureContext(dataDir: string): Promise<SecureContext> {
  const { key, cert } = await loadOrMakeCertificate(dataDir);
  return createSecureContext({ key, cert, minVersion: 'TLSv1.2' });
}
