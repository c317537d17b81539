import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { run } from './testing/run.js';
import { startScripted, startScriptedTls } from './testing/scripted-server.js';

it('is that of the certificate that the server shows', async () => {
  const server = await startScriptedTls({});
  const { fingerprint256 } = new X509Certificate(server.certificate);
  expect(await run([...server.options, '--fingerprint'])).toEqual({ code: 0, out: `${fingerprint256}\n`, err: '' });
  // This machine too shows it on a port with TLS only.
  expect((await run(['-s', '127.0.0.1', '-p', String(server.port), '--fingerprint'])).out).toBe(`${fingerprint256}\n`);
  await server.close();
});

it('is not there without TLS', async () => {
  const server = await startScripted({ raw: (peer) => void peer.socket.end('no TLS') });
  expect(await run([...server.options, '--fingerprint'])).toMatchObject({ code: 1, out: '' });
  expect((await run([...server.options, '--nossl', '--fingerprint'])).err).toBe('Without TLS there is no certificate.\n');
  await server.close();
});
