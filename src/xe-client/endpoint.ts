import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from './settings/settings.js';
import type { World } from './world.js';

/** A way to a server. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp' | 'tls'; readonly host: string; readonly port: number };

/** This machine, by the one name that is asked without TLS. */
const LOCAL = '127.0.0.1';

/** Sockets that the daemon and the original make on their hosts. */
const SYSTEM_SOCKETS = ['/var/lib/xenapi-gateway/xenapi.sock', '/var/lib/xcp/xapi'];

/** The way to a host through the network. Ports are the user's choice or the usual ones, never a server's. */
export function networkEndpoint(host: string, { port, tls }: Pick<Settings, 'port' | 'tls'>): Endpoint {
  return host === LOCAL || !tls ? { kind: 'tcp', host, port: port ?? 80 } : { kind: 'tls', host, port: port ?? 443 };
}

/**
 * The ways to the server of the command line, the best one first. Whoever names a port means what listens there, and not a
 * daemon that happens to have a socket on this machine.
 */
export function serverEndpoints(settings: Settings, world: World): readonly Endpoint[] {
  const network = networkEndpoint(settings.server, settings);
  if (settings.server !== LOCAL || settings.port !== undefined) return [network];
  const { XE_UNIX_SOCKET: chosen } = world.env;
  // Whoever names a socket does not want to be sent elsewhere with a password; an empty name stands for none.
  if (chosen) return [{ kind: 'unix', path: chosen }];
  const sockets = chosen === '' ? [] : world.administrator ? SYSTEM_SOCKETS : [usersSocket(world), ...SYSTEM_SOCKETS];
  return [...sockets.map((path) => ({ kind: 'unix', path }) as const), network];
}

/** The socket of a daemon that the user started, in the daemon's default place. */
function usersSocket({ env }: World): string {
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'xenapi-gateway', 'xenapi.sock');
}

/** An endpoint for people. */
export function endpointText(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : `${endpoint.kind} ${endpoint.host} port ${endpoint.port}`;
}
