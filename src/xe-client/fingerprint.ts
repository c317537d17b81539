import { connect } from './connect.js';
import { ClientProblem, UNREACHABLE } from './problem.js';
import type { Settings } from './settings/settings.js';

/** SHA-256 of the certificate that a server shows, as `AB:CD:…`. Rejects with ClientProblem when there is none to be had. */
export async function readFingerprint({ server, port, tls }: Settings): Promise<string> {
  if (!tls) throw new ClientProblem('Without TLS there is no certificate.');
  const { TLSSocket } = await import('node:tls');
  const socket = await connect({ kind: 'tls', host: server, port: port ?? 443 }).catch(() => {
    throw new ClientProblem(UNREACHABLE);
  });
  const fingerprint = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : undefined;
  socket.destroy();
  if (!fingerprint) throw new ClientProblem('The server has no certificate.');
  return fingerprint;
}
