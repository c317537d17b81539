import { X509Certificate } from 'node:crypto';
import type { Database } from '../../db/database.js';
import { toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';

/**
 * Makes the Certificate object of a host's TLS certificate (PEM), in place of that of an earlier one. Nothing changes
 * while the certificate is the same. Throws when the text is no certificate.
 */
export function recordHostCertificate(db: Database, host: Ref<'host'>, pem: string): void {
  const certificate = new X509Certificate(pem);
  const sha256 = certificate.fingerprint256;
  db.transaction(() => {
    const known = db.get('host', host).certificates.filter((ref) => db.get('Certificate', ref).type === 'host');
    if (known.some((ref) => db.get('Certificate', ref).fingerprint_sha256 === sha256)) return;
    for (const ref of known) db.destroy('Certificate', ref);
    db.create('Certificate', {
      type: 'host',
      host,
      not_before: toDateTime(Date.parse(certificate.validFrom)),
      not_after: toDateTime(Date.parse(certificate.validTo)),
      fingerprint: sha256,
      fingerprint_sha256: sha256,
      fingerprint_sha1: certificate.fingerprint,
    });
  });
}
