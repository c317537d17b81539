import { homedir, userInfo } from 'node:os';

/** Where a daemon listens and how to get there. */
export type Target = UnixTarget | TcpTarget | TlsTarget | SshTarget;

interface Common {
  /** The name of the driver, which the daemon is asked to open: `qemu:///system`. */
  readonly name: string;
}

/** A daemon on this machine. It is at the first of `paths` that answers. */
export interface UnixTarget extends Common {
  readonly transport: 'unix';
  readonly paths: readonly string[];
}

/** A daemon that takes bare TCP: nothing is encrypted. */
export interface TcpTarget extends Common {
  readonly transport: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** A daemon that takes TLS. */
export interface TlsTarget extends Common {
  readonly transport: 'tls';
  readonly host: string;
  readonly port: number;
  /** Folder with cacert.pem, clientcert.pem and clientkey.pem. libvirt's own places unless given. */
  readonly pkipath: string | undefined;
  readonly verify: boolean;
}

/** A socket of a daemon on another machine, reached through its sshd. */
export interface SshTarget extends Common {
  readonly transport: 'ssh';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly path: string;
  readonly keyfile: string | undefined;
  readonly knownHosts: string | undefined;
  readonly verify: boolean;
}

/** Ports of libvirtd and of sshd unless others are named. */
const PORTS = { tcp: 16509, tls: 16514, ssh: 22 } as const;

const SCHEME = /^([a-z][a-z0-9]*)(?:\+([a-z0-9]+))?:$/;

const YES = new Set(['1', 'yes', 'true']);

/** Reads a URI of libvirt. One that this client cannot follow is a `TypeError`. */
export function parseUri(uri: string, readOnly: boolean): Target {
  const url = parse(uri);
  const [, driver, transport = url.hostname === '' ? 'unix' : 'tls'] = SCHEME.exec(url.protocol) ?? [];
  if (driver === undefined) throw new TypeError(`not a URI of libvirt: ${uri}`);
  const name = url.searchParams.get('name') ?? `${driver}://${url.pathname}`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const option = (key: string) => url.searchParams.get(key) ?? undefined;
  const verify = !YES.has(option('no_verify') ?? '');
  const socket = option('socket');
  if (transport === 'unix') {
    if (host !== '') throw new TypeError(`a Unix socket is on this machine, so no host can be named: ${uri}`);
    return { transport, name, paths: socket === undefined ? unixPaths(driver, url.pathname, readOnly) : [socket] };
  }
  if (host === '') throw new TypeError(`no host is named: ${uri}`);
  switch (transport) {
    case 'tcp':
      return { transport, name, host, port: Number(url.port || PORTS.tcp) };
    case 'tls':
      return { transport, name, host, port: Number(url.port || PORTS.tls), pkipath: option('pkipath'), verify };
    case 'ssh':
    case 'libssh':
    case 'libssh2':
      return {
        transport: 'ssh',
        name,
        host,
        port: Number(url.port || PORTS.ssh),
        user: decodeURIComponent(url.username) || userInfo().username,
        path: socket ?? (readOnly ? '/var/run/libvirt/libvirt-sock-ro' : '/var/run/libvirt/libvirt-sock'),
        keyfile: option('keyfile'),
        knownHosts: option('known_hosts'),
        verify,
      };
    default:
      throw new TypeError(`no such way to a daemon: ${uri}`);
  }
}

// libvirtd's socket, and that of the driver's own daemon where libvirt is split into one daemon for each.
function unixPaths(driver: string, path: string, readOnly: boolean): string[] {
  const end = readOnly ? 'sock-ro' : 'sock';
  const session = path === '/session' && process.getuid?.() !== 0;
  if (session) {
    const run = process.env.XDG_RUNTIME_DIR ?? `${homedir()}/.cache`;
    return [`${run}/libvirt/libvirt-sock`, `${run}/libvirt/virt${driver}d-sock`];
  }
  return [`/run/libvirt/virt${driver}d-${end}`, `/run/libvirt/libvirt-${end}`, `/var/run/libvirt/libvirt-${end}`];
}

function parse(uri: string): URL {
  try {
    return new URL(uri);
  } catch (error) {
    throw new TypeError(`not a URI of libvirt: ${uri}`, { cause: error });
  }
}
