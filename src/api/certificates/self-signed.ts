import { hostname } from 'node:os';

/** Smallest RSA key that current clients take. The key is RSA because the TLS stack of `xe` takes no other. */
const KEY_BITS = 2048;
const VALID_YEARS = 10;
/** Longest common name that X.509 allows. */
const COMMON_NAME_LIMIT = 64;

/** Makes a key and a certificate, both PEM, that a server signs for itself: for its own name, `localhost` and addresses. */
export async function makeSelfSigned(addresses: readonly string[]): Promise<{ key: string; cert: string }> {
  // Loaded when it is needed, once in the life of a data directory: it is the heaviest package of all.
  const { generate } = await import('selfsigned');
  const name = hostname();
  const notBeforeDate = new Date();
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + VALID_YEARS);
  const { private: key, cert } = await generate([{ name: 'commonName', value: name.slice(0, COMMON_NAME_LIMIT) }], {
    keyType: 'rsa',
    keySize: KEY_BITS,
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set([name, 'localhost'])].map((value) => ({ type: 2 as const, value })),
          ...[...new Set(['127.0.0.1', '::1', ...addresses])].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { key, cert };
}
