import { createSecureContext } from 'node:tls';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { makeSelfSigned } from '../../api/certificates/self-signed.js';
import type { NbdLimits } from '../limits.js';
import { type RunningNbd, startNbd } from '../server.js';
import { TestClient } from './client.js';
import { MemoryExports } from './memory-exports.js';

const KIB = 1024;

/** Bytes of the disk that is offered. */
export const SIZE = 3000 * KIB + 700;

/** A server of one disk with data, zeros, data, zeros and a little data, and the clients of one test. */
export interface NbdBench {
  readonly exports: MemoryExports;
  readonly server: RunningNbd;
  /** Starts the server anew with other limits. */
  restart(limits: Partial<NbdLimits>): Promise<void>;
  /** A client that has said nothing. */
  connected(): Promise<TestClient>;
  /** A client that has greeted. */
  greeted(): Promise<TestClient>;
  /** A client that may ask for data. */
  opened(options?: Parameters<typeof TestClient.to>[2]): Promise<TestClient>;
}

/** Starts a server for each test of a file, and sees that nobody has the disk afterwards. */
export function nbdBench(): NbdBench {
  let certificate: { key: string; cert: string };
  let exports: MemoryExports;
  let server: RunningNbd;
  const clients: TestClient[] = [];

  const start = async (limits: Partial<NbdLimits> = {}): Promise<void> => {
    server = await startNbd({
      bind: '127.0.0.1',
      port: 0,
      exports,
      secureContext: async () => createSecureContext(certificate),
      logger: pino({ level: 'silent' }),
      limits: { piece: 256 * KIB, ...limits },
    });
  };
  const kept = (client: TestClient): TestClient => {
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    certificate = await makeSelfSigned(['127.0.0.1']);
  });
  beforeEach(async () => {
    const bytes = Buffer.alloc(SIZE);
    for (let i = 0; i < 100 * KIB; i++) bytes[i] = i % 251;
    bytes.fill('middle', 1000 * KIB, 1900 * KIB);
    bytes.fill('end', SIZE - 300);
    exports = new MemoryExports(bytes);
    await start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.close();
    expect(exports.readers).toBe(0);
  });

  return {
    get exports() {
      return exports;
    },
    get server() {
      return server;
    },
    async restart(limits) {
      await server.close();
      await start(limits);
    },
    connected: async () => kept(await TestClient.connect(server.port)),
    async greeted() {
      const client = await this.connected();
      await client.greet();
      return client;
    },
    opened: async (options) => kept(await TestClient.to(server.port, 'disk', options)),
  };
}
