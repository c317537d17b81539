import { connect as connectNet, isIP, type Socket } from 'node:net';
import type { Endpoint } from './endpoint.js';

/** Opens a connection. Rejects with the system's error. */
export async function connect(endpoint: Endpoint): Promise<Socket> {
  const socket = await begin(endpoint);
  await new Promise<void>((resolve, reject) => {
    socket.once(endpoint.kind === 'tls' ? 'secureConnect' : 'connect', resolve).once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
  });
  // Errors from now on are seen by whoever reads or writes.
  socket.on('error', () => {});
  socket.setNoDelay(true);
  return socket;
}

async function begin(endpoint: Endpoint): Promise<Socket> {
  if (endpoint.kind === 'unix') return connectNet(endpoint.path);
  const { host, port } = endpoint;
  if (endpoint.kind === 'tcp') return connectNet(port, host);
  // Loading TLS takes as long as asking a local server.
  const tls = await import('node:tls');
  // Hosts have certificates that they made themselves, and the original checks none either: see docs/xe.md.
  return tls.connect({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) });
}
