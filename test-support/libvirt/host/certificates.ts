import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { hostnameOf, type Lab } from './lab.js';

let authority: Promise<{ readonly cert: string; readonly private: string }> | undefined;

/**
 * Writes certificates for a host into its directory, under the names that libvirt looks for: `cacert.pem`, `servercert.pem`,
 * `serverkey.pem`, `clientcert.pem`, `clientkey.pem`. All hosts trust one authority. Resolves to the directory of the files.
 */
export async function writeCertificates(directory: string, lab: Lab, number: number): Promise<string> {
  authority ??= generate([{ name: 'commonName', value: 'Hosts of tests' }], {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const { cert: ca, private: key } = await authority;
  const address = lab.addressOf(number);
  const host = await generate([{ name: 'commonName', value: hostnameOf(number) }], {
    ca: { cert: ca, key },
    extensions: [
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: hostnameOf(number) },
          { type: 7, ip: address },
        ],
      },
    ],
  });
  const pki = join(directory, 'pki');
  await mkdir(pki, { recursive: true });
  const files = {
    'cacert.pem': ca,
    'servercert.pem': host.cert,
    'serverkey.pem': host.private,
    'clientcert.pem': host.cert,
    'clientkey.pem': host.private,
    // Names by which QEMU looks for them.
    'ca-cert.pem': ca,
    'server-cert.pem': host.cert,
    'server-key.pem': host.private,
    'client-cert.pem': host.cert,
    'client-key.pem': host.private,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(pki, name), text, { mode: 0o600 });
  return pki;
}
