import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { ServerHostKeyAlgorithm } from 'ssh2';

interface Entry {
  readonly revoked: boolean;
  readonly matches: (name: string) => boolean;
  readonly type: string;
  readonly key: Buffer;
}

const SSH_PORT = 22;

/** What a key's type may sign with. */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Keys of hosts, as OpenSSH's files known_hosts have them: names, patterns, hashed names, ports and revoked keys. */
export class KnownHosts {
  readonly #entries: readonly Entry[];

  constructor(text: string) {
    this.#entries = text.split('\n').flatMap(parseLine);
  }

  /** Reads a file, or the user's and the machine's. A file that is named has to be there. */
  static async read(path?: string): Promise<KnownHosts> {
    if (path !== undefined) return new KnownHosts(await readFile(path, 'utf8'));
    const files = [`${homedir()}/.ssh/known_hosts`, '/etc/ssh/ssh_known_hosts'];
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
    return new KnownHosts(texts.join('\n'));
  }

  /** Whether this key is known for the host and nobody revoked it. */
  has(host: string, port: number, key: Buffer): boolean {
    const same = this.#of(host, port).filter((entry) => entry.key.equals(key));
    return same.length > 0 && !same.some(({ revoked }) => revoked);
  }

  /** Ways to sign that fit the keys known of a host. */
  types(host: string, port: number): ServerHostKeyAlgorithm[] {
    const types = new Set(this.#of(host, port).map(({ type }) => type));
    return [...types].flatMap((type) => ALGORITHMS[type] ?? []);
  }

  #of(host: string, port: number): Entry[] {
    const name = port === SSH_PORT ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
    return this.#entries.filter(({ matches }) => matches(name));
  }
}

function parseLine(line: string): Entry[] {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
  const [hosts, type, key] = words;
  // Certificates of hosts are not checked by this client, so an authority's key is no host's key.
  if (hosts === undefined || hosts.startsWith('#') || type === undefined || key === undefined) return [];
  if (marker !== undefined && marker !== '@revoked') return [];
  return [{ revoked: marker === '@revoked', matches: matcher(hosts), type, key: Buffer.from(key, 'base64') }];
}

function matcher(hosts: string): (name: string) => boolean {
  if (hosts.startsWith('|1|')) return hashMatcher(hosts);
  const patterns = hosts.toLowerCase().split(',');
  const positive = patterns.filter((pattern) => !pattern.startsWith('!')).map(glob);
  const negative = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => glob(pattern.slice(1)));
  return (name) => positive.some((pattern) => pattern.test(name)) && !negative.some((pattern) => pattern.test(name));
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function hashMatcher(hosts: string): (name: string) => boolean {
  const [, , salt = '', hash = ''] = hosts.split('|');
  const expected = Buffer.from(hash, 'base64');
  return (name) => {
    const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  };
}
