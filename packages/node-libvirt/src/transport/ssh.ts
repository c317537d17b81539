import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Duplex } from 'node:stream';
import type { ConnectConfig } from 'ssh2';
import { KnownHosts } from './known-hosts.js';
import type { SshTarget } from './uri.js';

/** How to be let in by sshd, if not by the user's own keys and agent. */
export interface SshOptions {
  /** A private key in PEM or OpenSSH's form. */
  readonly privateKey?: string | Buffer | undefined;
  /** What the private key is encrypted with. */
  readonly passphrase?: string | undefined;
  /** The socket of an ssh agent. `SSH_AUTH_SOCK` unless given. */
  readonly agent?: string | undefined;
  /** Decides about the host's key instead of the file known_hosts. Gets it as it is on the wire. */
  readonly verifyHostKey?: ((key: Buffer) => boolean) | undefined;
}

/** The keys that ssh would try by itself. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Opens a way through sshd to a daemon's Unix socket. Rejects when either side does not trust the other. */
export async function dialSsh(target: SshTarget, given: SshOptions, signal: AbortSignal): Promise<Duplex> {
  const config = await configOf(target, given);
  // Few need it and it is large.
  const { Client } = await import('ssh2');
  return await new Promise((resolve, reject) => {
    const client = new Client();
    const failed = (error: Error) => {
      signal.removeEventListener('abort', aborted);
      client.end();
      reject(error);
    };
    const aborted = () => {
      client.destroy();
      failed(new Error('given up'));
    };
    signal.addEventListener('abort', aborted, { once: true });
    client.on('error', failed);
    client.once('close', () => failed(new Error('sshd closed the connection')));
    client.once('ready', () => {
      client.openssh_forwardOutStreamLocal(target.path, (error, channel) => {
        if (error) {
          failed(error);
          return;
        }
        signal.removeEventListener('abort', aborted);
        client.off('error', failed);
        client.on('error', (reason) => {
          channel.emit('error', reason);
          channel.destroy();
        });
        channel.once('close', () => client.end());
        resolve(channel);
      });
    });
    client.connect(config);
  });
}

async function configOf(target: SshTarget, given: SshOptions): Promise<ConnectConfig> {
  const { host, port, user: username } = target;
  const agent = given.agent ?? process.env.SSH_AUTH_SOCK;
  const privateKey = given.privateKey ?? (await keyOf(target));
  const config: ConnectConfig = { host, port, username, keepaliveInterval: 0 };
  if (agent) config.agent = agent;
  if (privateKey !== undefined) config.privateKey = privateKey;
  if (given.passphrase !== undefined) config.passphrase = given.passphrase;
  if (given.verifyHostKey) {
    config.hostVerifier = given.verifyHostKey;
  } else if (target.verify) {
    const known = await KnownHosts.read(target.knownHosts);
    config.hostVerifier = (key: Buffer) => known.has(host, port, key);
    const types = known.types(host, port);
    // A host with several keys shows the one that is known.
    if (types.length > 0) config.algorithms = { serverHostKey: types };
  }
  return config;
}

async function keyOf({ keyfile }: SshTarget): Promise<Buffer | undefined> {
  if (keyfile !== undefined) return await readFile(keyfile);
  for (const name of DEFAULT_KEYS) {
    const key = await readFile(`${homedir()}/.ssh/${name}`).catch(() => undefined);
    if (key !== undefined) return key;
  }
  return undefined;
}
