import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Finding, fail, ok, reasonOf, warn } from './check.js';

/** Oldest Node.js that the gateway runs on: major and minor version. */
const OLDEST_NODE = [20, 12] as const;

/** A certificate that ends within this time is worth a warning, in days. */
const SOON = 30;

const DAY = 86_400_000;

/** Whether Node.js is new enough. */
export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  const recent = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  if (recent) return ok('Node.js', version);
  return fail('Node.js', version, `install version ${OLDEST_NODE.join('.')} or later`);
}

/** A port to be checked: the one that is asked for, and the one that is taken instead when nobody asked. */
export interface WantedPort {
  readonly name: string;
  readonly port: number | 'off' | undefined;
  readonly standard: number;
  readonly instead: number;
}

/** Whether a port can be listened on. */
export async function checkPort(bind: string, { name, port, standard, instead }: WantedPort): Promise<Finding> {
  if (port === 'off') return ok(name, 'is off');
  const first = await whyNot(bind, port ?? standard);
  if (first === undefined) return ok(name, `${bind} port ${port ?? standard} can be used`);
  const found = `${bind} port ${port ?? standard} ${first.text}`;
  if (port !== undefined) return fail(name, found, first.advice);
  const second = await whyNot(bind, instead);
  if (second === undefined) return ok(name, `${found}: port ${instead} will be used`);
  return fail(name, `${found}, and port ${instead} ${second.text}`, `name another one with --${name}`);
}

async function whyNot(host: string, port: number): Promise<{ text: string; advice: string } | undefined> {
  const server = createServer().listen({ host, port, exclusive: true });
  try {
    await once(server, 'listening');
    return undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (reason === 'EACCES') {
      return { text: 'is not permitted', advice: 'name one above 1023, or give the gateway the capability CAP_NET_BIND_SERVICE' };
    }
    if (reason === 'EADDRINUSE') return { text: 'is in use', advice: 'name another one, or stop the program that listens there' };
    if (reason === 'EADDRNOTAVAIL')
      return { text: 'is not on this machine', advice: 'name an address of this machine with --bind' };
    return { text: `cannot be used (${reason})`, advice: 'name another address or port' };
  } finally {
    server.close();
  }
}

/** Whether the certificate of HTTPS, if there is one yet, fits its key and will hold for a while. */
export async function checkCertificate(dataDir: string, now = Date.now()): Promise<Finding> {
  const subject = 'certificate';
  const directory = join(dataDir, 'tls');
  const renew = `put another pair in ${directory}, or move key.pem and cert.pem away to have new ones made`;
  const [key, cert] = await Promise.all([readIfThere(join(directory, 'key.pem')), readIfThere(join(directory, 'cert.pem'))]);
  if (key === undefined && cert === undefined) return ok(subject, 'will be made at first start');
  if (key === undefined || cert === undefined) return fail(subject, `${directory} holds only one of key.pem and cert.pem`, renew);
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return fail(subject, 'does not belong to key.pem', renew);
    const days = Math.floor((Date.parse(certificate.validTo) - now) / DAY);
    if (Date.parse(certificate.validFrom) > now)
      return warn(subject, `begins only on ${certificate.validFrom}`, 'set the clock of this machine');
    if (days < 0) return fail(subject, `has ended on ${certificate.validTo}`, renew);
    if (days < SOON) return warn(subject, `ends in ${days} days`, renew);
    return ok(subject, `holds for ${days} days, SHA-256 ${certificate.fingerprint256}`);
  } catch (thrown) {
    return fail(subject, `cannot be read (${reasonOf(thrown)})`, renew);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (reasonOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}
