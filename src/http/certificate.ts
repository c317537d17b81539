import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { makeSelfSigned } from '../api/certificates/self-signed.js';

/** Key and certificate of the TLS listener. */
export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM, with the chain when the administrator has put one there. */
  readonly cert: string;
  /** SHA-256 of the certificate as `AB:CD:…`, for people to compare. */
  readonly fingerprint: string;
  /** Whether it has been made by this call. */
  readonly made: boolean;
}

/**
 * The certificate in `DIR/tls` (`key.pem`, `cert.pem`), made at the first start. What an administrator has put there
 * is never replaced. Rejects when only one of the two files is there, or when they do not belong together.
 */
export async function loadOrMakeCertificate(dataDir: string): Promise<Certificate> {
  const dir = join(dataDir, 'tls');
  const [key, cert] = await Promise.all([readIfThere(join(dir, 'key.pem')), readIfThere(join(dir, 'cert.pem'))]);
  if (key !== undefined && cert !== undefined) return { key, cert, fingerprint: checkedFingerprint(key, cert, dir), made: false };
  if (key !== undefined || cert !== undefined)
    throw new Error(
      `${dir} holds only one of key.pem and cert.pem: put the other there, or move both away to have new ones made`,
    );
  const made = await makeCertificate();
  await keep(dataDir, dir, made);
  return { ...made, fingerprint: checkedFingerprint(made.key, made.cert, dir), made: true };
}

/** Days until a certificate ends; negative when it has. */
export function daysLeft(cert: string, now = new Date()): number {
  return (Date.parse(new X509Certificate(cert).validTo) - now.getTime()) / 86_400_000;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function checkedFingerprint(key: string, cert: string, dir: string): string {
  const parsed = new X509Certificate(cert);
  if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error(`key.pem and cert.pem in ${dir} do not belong together`);
  return parsed.fingerprint256;
}

async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((a) => a.address.replace(/%.*$/, '')));
  return makeSelfSigned(addresses);
}

/** Both files appear at once or not at all: half a pair would stop the next start. */
async function keep(dataDir: string, dir: string, pair: { key: string; cert: string }): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const temporary = await mkdtemp(join(dataDir, 'tls-'));
  try {
    await writeFile(join(temporary, 'key.pem'), pair.key, { mode: 0o600 });
    await writeFile(join(temporary, 'cert.pem'), pair.cert, { mode: 0o644 });
    await chmod(temporary, 0o700);
    await rename(temporary, dir);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}
