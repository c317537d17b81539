import type { X509Certificate } from 'node:crypto';
import type { Database } from '../../db/database.js';
import { toDateTime } from '../../model/datetime.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue, Fields } from '../../model/types.js';

type Purpose = EnumValue<'certificate_purpose'>;

function certificateFields(certificate: X509Certificate): Partial<Fields<'Certificate'>> {
  return {
    not_before: toDateTime(Date.parse(certificate.validFrom)),
    not_after: toDateTime(Date.parse(certificate.validTo)),
    fingerprint: certificate.fingerprint256,
    fingerprint_sha256: certificate.fingerprint256,
    fingerprint_sha1: certificate.fingerprint,
  };
}

/** Makes the object of a CA certificate with a name, in place of an earlier one of that name. */
export function recordNamedCa(db: Database, name: string, certificate: X509Certificate): void {
  db.transaction(() => {
    removeNamedCa(db, name);
    db.create('Certificate', { type: 'ca', name, ...certificateFields(certificate) });
  });
}

/** Removes the objects of a CA certificate with a name. */
export function removeNamedCa(db: Database, name: string): void {
  db.transaction(() => {
    for (const [ref] of db.filter('Certificate', (c) => c.type === 'ca' && c.name === name)) db.destroy('Certificate', ref);
  });
}

/** Names of the CA certificates that have one. */
export function namedCas(db: Database): string[] {
  return db.filter('Certificate', (c) => c.type === 'ca' && c.name !== '').map(([, { name }]) => name);
}

/** Makes the object of a trusted certificate. Throws TRUSTED_CERTIFICATE_ALREADY_EXISTS for one that serves a purpose already. */
export function recordTrusted(
  db: Database,
  ca: boolean,
  purpose: readonly Purpose[],
  certificate: X509Certificate,
): Ref<'Certificate'> {
  const type = ca ? 'ca' : 'pinned';
  const fields = certificateFields(certificate);
  const [same] = db.filter(
    'Certificate',
    (c) =>
      c.type === type &&
      c.fingerprint_sha256 === certificate.fingerprint256 &&
      (purpose.some((p) => c.purpose.includes(p)) || (purpose.length === 0 && c.purpose.length === 0)),
  );
  if (same) throw new ApiError('TRUSTED_CERTIFICATE_ALREADY_EXISTS', certificate.fingerprint256);
  return db.create('Certificate', { type, purpose, ...fields });
}
