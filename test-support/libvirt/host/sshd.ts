import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { execute } from '../execute.js';
import { until } from '../until.js';
import type { LabHost } from './host.js';

/** How a host is reached by ssh, as root and by key. */
export interface SshAccess {
  readonly address: string;
  readonly port: number;
  /** File of the private key, which the host lets in. */
  readonly key: string;
  /** File with the host's public key, in the form of known_hosts. */
  readonly knownHosts: string;
  /** URI of the host's libvirt through ssh. */
  readonly uri: string;
}

/** Not the usual one, so that no program's default is taken for what was configured. */
const PORT = 2222;

/** Starts an ssh server inside a host. It ends with the host. */
export async function startSsh(host: LabHost): Promise<SshAccess> {
  const directory = join(host.directory, 'ssh');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [key, hostKey, authorized, knownHosts, config] = ['key', 'host-key', 'authorized-keys', 'known-hosts', 'sshd.conf'].map(
    (name) => join(directory, name),
  ) as [string, string, string, string, string];
  for (const file of [key, hostKey]) await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  await writeFile(authorized, await readFile(`${key}.pub`), { mode: 0o600 });
  await writeFile(knownHosts, `[${host.address}]:${PORT} ${await readFile(`${hostKey}.pub`, 'utf8')}`);
  const settings = {
    ListenAddress: host.address,
    Port: PORT,
    HostKey: hostKey,
    AuthorizedKeysFile: authorized,
    PermitRootLogin: 'prohibit-password',
    PasswordAuthentication: 'no',
    UsePAM: 'no',
    StrictModes: 'no',
    PidFile: 'none',
    AllowStreamLocalForwarding: 'yes',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  await writeFile(config, lines.join(''));
  host.spawn('/usr/sbin/sshd', ['-D', '-f', config], { stdio: 'ignore', detached: true }).unref();
  await until('the ssh server', async () => ((await accepts(host.address, PORT)) ? true : undefined));
  const parameters = new URLSearchParams({
    keyfile: key,
    known_hosts: knownHosts,
    known_hosts_verify: 'normal',
    sshauth: 'privkey',
  });
  return {
    address: host.address,
    port: PORT,
    key,
    knownHosts,
    uri: `qemu+ssh://root@${host.address}:${PORT}/system?${parameters}`,
  };
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, address);
    socket.once('error', () => resolve(false)).once('connect', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
}
