import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ApiError, type ErrorCode } from '../../model/error.js';

/** Largest PEM text that is looked at: a chain of certificates is a few kilobytes. */
const MAX_PEM_LENGTH = 256 * 1024;

/** RSA key lengths in bits that the original takes. */
const RSA_BITS = { least: 2048, most: 4096 };

/** Signature algorithms that the original takes, as DER: SHA-256 and SHA-512 with RSA or ECDSA. */
const SIGNATURES: ReadonlySet<string> = new Set([
  '06092a864886f70d01010b',
  '06092a864886f70d01010d',
  '06082a8648ce3d040302',
  '06082a8648ce3d040304',
]);

/** Which error stands for which fault of a certificate. */
export interface CertificateErrors {
  readonly invalid: ErrorCode;
  readonly notYet: ErrorCode;
  readonly expired: ErrorCode;
}

function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** A certificate from PEM text that is good now. Throws the errors given, those on time with now and the limit. */
export function checkCertificate(pem: string, errors: CertificateErrors, now = new Date()): X509Certificate {
  const certificate = parse(pem);
  if (!certificate) throw new ApiError(errors.invalid);
  const from = new Date(certificate.validFrom);
  const to = new Date(certificate.validTo);
  if (now < from) throw new ApiError(errors.notYet, seconds(now), seconds(from));
  if (now > to) throw new ApiError(errors.expired, seconds(now), seconds(to));
  return certificate;
}

/** Checks what is to become the certificate of the server: key and certificate in PEM, and a chain, which may be empty. */
export function checkServerCertificate(certificate: string, privateKey: string, chain: string): X509Certificate {
  const key = checkKey(privateKey);
  const checked = checkCertificate(certificate, {
    invalid: 'SERVER_CERTIFICATE_INVALID',
    notYet: 'SERVER_CERTIFICATE_NOT_VALID_YET',
    expired: 'SERVER_CERTIFICATE_EXPIRED',
  });
  if (!checked.checkPrivateKey(key)) throw new ApiError('SERVER_CERTIFICATE_KEY_MISMATCH');
  if (!SIGNATURES.has(signatureAlgorithm(checked.raw))) throw new ApiError('SERVER_CERTIFICATE_SIGNATURE_NOT_SUPPORTED');
  if (chain !== '' && !certificatesIn(chain).every(parse)) throw new ApiError('SERVER_CERTIFICATE_CHAIN_INVALID');
  return checked;
}

function parse(pem: string): X509Certificate | undefined {
  if (pem.length > MAX_PEM_LENGTH || !pem.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The certificates in a PEM text; one that cannot be read when there is none. */
function certificatesIn(pem: string): readonly string[] {
  if (pem.length > MAX_PEM_LENGTH) return [''];
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [''];
}

function checkKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    if (pem.length > MAX_PEM_LENGTH) throw new Error('too long');
    key = createPrivateKey(pem);
  } catch {
    throw new ApiError('SERVER_CERTIFICATE_KEY_INVALID');
  }
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = key;
  if (type !== 'rsa') throw new ApiError('SERVER_CERTIFICATE_KEY_ALGORITHM_NOT_SUPPORTED', type);
  const bits = details?.modulusLength ?? 0;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most)
    throw new ApiError('SERVER_CERTIFICATE_KEY_RSA_LENGTH_NOT_SUPPORTED', String(bits));
  return key;
}

interface Der {
  readonly content: number;
  readonly end: number;
}

function derAt(der: Buffer, offset: number): Der {
  const first = der[offset + 1] ?? 0;
  const extra = first & 0x80 ? first & 0x7f : 0;
  const length = extra ? der.readUIntBE(offset + 2, extra) : first;
  const content = offset + 2 + extra;
  return { content, end: content + length };
}

/** The algorithm of a certificate's signature as DER in hexadecimal: the second part of the certificate, after what is signed. */
function signatureAlgorithm(der: Buffer): string {
  const signed = derAt(der, derAt(der, 0).content);
  const identifier = derAt(der, signed.end);
  return der.subarray(identifier.content, derAt(der, identifier.content).end).toString('hex');
}
