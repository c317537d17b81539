import { execFileSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { post, RawClient, startTestServer, type TestServer, xmlCall } from './test-support.js';

const running: TestServer[] = [];
async function start(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((s) => s.stop()));
});

function portOf(url: string | undefined): number {
  return Number(new URL(url ?? '').port);
}

describe('TLS', () => {
  it('shows a certificate that clients can check and that has the printed fingerprint', async () => {
    const server = await start();
    const ca = execFileSync('cat', [join(server.dataDir, 'tls', 'cert.pem')]);
    const body = xmlCall('hello');
    const seen = await new Promise<{ fingerprint: string; status: number | undefined; protocol: string | null }>(
      (resolve, reject) => {
        const request = https.request(server.httpsUrl, { ca, servername: 'localhost', method: 'POST', agent: false }, (res) => {
          const socket = res.socket as tls.TLSSocket;
          res.resume();
          resolve({
            fingerprint: socket.getPeerCertificate().fingerprint256,
            status: res.statusCode,
            protocol: socket.getProtocol(),
          });
        });
        request.on('error', reject);
        request.setHeader('Content-Length', body.length);
        request.end(body);
      },
    );
    expect(seen).toEqual({ fingerprint: server.fingerprint, status: 200, protocol: 'TLSv1.3' });
  });

  it('speaks what xe needs: TLS 1.2, RSA, P-384; and nothing older', async () => {
    const server = await start();
    const connect = (options: tls.ConnectionOptions) =>
      new Promise<string | null>((resolve, reject) => {
        const socket = tls.connect({ port: portOf(server.httpsUrl), rejectUnauthorized: false, ...options }, () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const old = {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-RSA-AES256-GCM-SHA384',
      ecdhCurve: 'secp384r1',
    } as const;
    expect(await connect(old)).toBe('TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384');
    await expect(connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })).rejects.toThrow();
  });

  it('lives through bytes that are no TLS, and ends with a handshake that never goes on', async () => {
    const server = await start();
    await RawClient.to(server.httpsUrl)
      .send(post('/', xmlCall('hello')))
      .end();
    const silent = RawClient.to(server.httpsUrl);
    await new Promise((done) => silent.socket.once('connect', done));
    await server.close(1000);
    await silent.end();
  });
});

describe('the Unix socket', () => {
  it('is for its owner alone, who is trusted', async () => {
    const server = await start();
    expect((await stat(join(server.dataDir, 'socket'))).mode & 0o777).toBe(0o600);
    await RawClient.to(server.unixSocketPath)
      .send(post('/', xmlCall('hello'), ['Host: odd/host']))
      .reply();
    await server
      .client()
      .send(post('/', xmlCall('hello')))
      .reply();
    expect(server.rpc.seen.map((r) => r.origin.local)).toEqual([true, false]);
  });

  it('replaces what a killed daemon has left, and nothing else', async () => {
    const first = await start();
    const path = join(first.dataDir, 'left');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' })).toThrow();
    expect((await stat(path)).isSocket()).toBe(true);
    const second = await start({ unixSocketPath: path });
    expect(
      (
        await RawClient.to(path)
          .send(post('/', xmlCall('hello')))
          .reply()
      ).status,
    ).toBe('HTTP/1.1 200 OK');
    await expect(start({ unixSocketPath: path })).rejects.toThrow('another process listens');
    expect(
      (
        await RawClient.to(path)
          .send(post('/', xmlCall('hello')))
          .reply()
      ).status,
    ).toBe('HTTP/1.1 200 OK');
    await second.close(0);
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await writeFile(path, 'precious');
    await expect(start({ unixSocketPath: path })).rejects.toThrow('no socket');
    expect((await stat(path)).size).toBe(8);
    await expect(start({ unixSocketPath: `/${'x'.repeat(120)}` })).rejects.toThrow('longer than');
  });
});

describe('ports', () => {
  it('may be any free ones, and plain HTTP may be off', async () => {
    const server = await start({ httpPort: 'off' });
    expect(server.httpUrl).toBeUndefined();
    expect(portOf(server.httpsUrl)).toBeGreaterThan(0);
  });

  it('give way to their substitutes with a line that says so, or are an error that names them', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const address = taken.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const server = await start({ httpPort: port, fallbackPorts: { http: 0 } });
    expect(portOf(server.httpUrl)).not.toBe(port);
    expect(server.log.map((l) => l.msg)).toContain(`port ${port} is in use: listening on port 0 instead`);
    await expect(start({ httpPort: port })).rejects.toThrow(`cannot listen on 127.0.0.1 port ${port}: in use`);
    taken.close();
  });

  it('are all given back when one of them cannot be had', async () => {
    const first = await start();
    const port = portOf(first.httpsUrl);
    await first.close(0);
    const taken = net.createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const address = taken.address();
    await expect(
      start({ httpsPort: port, httpPort: address !== null && typeof address === 'object' ? address.port : 0 }),
    ).rejects.toThrow('in use');
    expect(portOf((await start({ httpsPort: port })).httpsUrl)).toBe(port);
    taken.close();
  });
});

describe('closing', () => {
  it('lets calls finish, ends idle connections at once, and takes no more', async () => {
    const server = await start();
    const idle = server.client().send(post('/', xmlCall('hello')));
    await idle.reply();
    const busy = server.client().send(post('/', xmlCall('hold')));
    await expect.poll(() => server.rpc.seen.length).toBe(2);
    const closing = server.close(5_000);
    await idle.end();
    expect(busy.closed).toBe(false);
    await expect(new Promise((_, reject) => server.client().socket.once('error', reject))).rejects.toThrow('ECONNREFUSED');
    server.rpc.letGo();
    expect((await busy.reply()).body).toContain('held');
    await Promise.all([closing, busy.end()]);
  });

  it('does not wait longer than it was told', async () => {
    const server = await start();
    const stuck = server.client().send(post('/', xmlCall('hold')));
    await expect.poll(() => server.rpc.seen.length).toBe(1);
    const started = performance.now();
    await server.close(100);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await stuck.end()).toHaveLength(0);
  });
});

it('refuses handlers for endpoints that the model does not have', async () => {
  await expect(start({ endpoints: { get_blobs: async () => {} } })).rejects.toThrow('no HTTP endpoint get_blobs');
});
