import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CONFIG = `
[req]
distinguished_name = none
[none]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
keyUsage = digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1
[client]
basicConstraints = critical, CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
`;

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-x509'];

/**
 * Makes an authority, a certificate of a server on 127.0.0.1, and folders as a client has them: `trusted` has a certificate of
 * the authority, `stranger` one of another authority, `anonymous` knows the authority and has no certificate.
 */
export async function makePki(folder: string): Promise<{ ca: string; cert: string; key: string }> {
  for (const name of ['server', 'trusted', 'stranger', 'anonymous']) await mkdir(`${folder}/${name}`, { recursive: true });
  const config = `${folder}/openssl.cnf`;
  await writeFile(config, CONFIG);
  const make = (section: string, name: string, path: string, more: readonly string[] = []) =>
    run('openssl', [
      ...['req', '-config', config, ...NEW_KEY, '-extensions', section, '-subj', `/CN=${name}`],
      ...['-keyout', `${path}key.pem`, '-out', `${path}cert.pem`, ...more],
    ]);
  const signedBy = (authority: string) => ['-CA', `${folder}/${authority}cert.pem`, '-CAkey', `${folder}/${authority}key.pem`];
  await make('ca', 'authority', `${folder}/ca`);
  await make('ca', 'another authority', `${folder}/other`);
  await make('server', '127.0.0.1', `${folder}/server/server`, signedBy('ca'));
  await make('client', 'trusted', `${folder}/trusted/client`, signedBy('ca'));
  await make('client', 'stranger', `${folder}/stranger/client`, signedBy('other'));
  await copyFile(`${folder}/cacert.pem`, `${folder}/trusted/cacert.pem`);
  await copyFile(`${folder}/cacert.pem`, `${folder}/anonymous/cacert.pem`);
  await copyFile(`${folder}/othercert.pem`, `${folder}/stranger/cacert.pem`);
  return { ca: `${folder}/cacert.pem`, cert: `${folder}/server/servercert.pem`, key: `${folder}/server/serverkey.pem` };
}
