import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { recordHostCertificate } from '../inventory/certificate-records.js';
import { checkServerCertificate } from './check.js';
import { makeSelfSigned } from './self-signed.js';

/** Files in the data directory that the TLS listener reads. */
function paths({ dataDir }: Api): { key: string; cert: string } {
  return { key: join(dataDir, 'tls', 'key.pem'), cert: join(dataDir, 'tls', 'cert.pem') };
}

/** The certificate that this daemon shows, PEM, without its chain. Throws CERTIFICATE_LIBRARY_CORRUPT when it cannot be read. */
export async function serverCertificate(api: Api): Promise<string> {
  const text = await readFile(paths(api).cert, 'utf8').catch(() => '');
  const [first] = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/) ?? [];
  if (first === undefined) throw new ApiError('CERTIFICATE_LIBRARY_CORRUPT');
  return `${first}\n`;
}

/** Puts a certificate, its key and maybe its chain (PEM) in the place of the host's, after checking them. */
export async function installServerCertificate(
  api: Api,
  host: Ref<'host'>,
  certificate: string,
  privateKey: string,
  chain: string,
): Promise<void> {
  checkServerCertificate(certificate, privateKey, chain);
  await replace(api, host, privateKey, chain === '' ? certificate : `${certificate.trimEnd()}\n${chain}`);
}

/** Puts a new certificate that the host signs itself in the place of the one that it has. */
export async function resetServerCertificate(api: Api, host: Ref<'host'>): Promise<void> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((a) => a.address.replace(/%.*$/, '')));
  const { key, cert } = await makeSelfSigned(addresses);
  await replace(api, host, key, cert);
}

/** The listener of this daemon is that of its own host; others of the pool would have to change theirs. */
async function replace(api: Api, host: Ref<'host'>, key: string, cert: string): Promise<void> {
  if (host !== api.localHost) throw new ApiError('NOT_IMPLEMENTED', 'certificates of other hosts');
  const path = paths(api);
  await writeFileAtomically(path.key, key, 0o600);
  await writeFileAtomically(path.cert, cert, 0o644);
  recordHostCertificate(api.db, host, cert);
}
