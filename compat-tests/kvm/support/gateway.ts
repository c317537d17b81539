import { afterAll, beforeAll } from 'vitest';
import { createClient, type Xapi } from 'xen-api';
import { Daemon, newDataDir, PASSWORD, remove } from '../../../test-support/daemon.js';
import { type Guest, prepareGuest } from '../../../test-support/libvirt/guest/guest.js';
import { type LabHost, startHost } from '../../../test-support/libvirt/host/host.js';

/** A KVM host, the gateway on it, and a client of other people's making that is logged in over TLS and follows all events. */
export interface KvmGateway {
  readonly guest: Guest;
  readonly host: LabHost;
  readonly daemon: Daemon;
  readonly xapi: Xapi;
  /** Kills the gateway as a crash does, lets `meanwhile` happen, starts it again with the same data and logs in again. */
  crashAndStart(meanwhile?: () => Promise<unknown>): Promise<void>;
  /** Logs in again, at a gateway that has started anew by itself. */
  logInAgain(): Promise<void>;
}

/** What there is while the tests of a file run. */
interface Parts {
  readonly guest: Guest;
  readonly host: LabHost;
  daemon: Daemon;
  xapi: Xapi;
}

/** Starts a host and the gateway on it before the tests of the file, and ends both after them. */
export function kvmGateway(): KvmGateway {
  let parts: Parts | undefined;
  let dataDir = '';

  const there = (): Parts => {
    if (!parts) throw new Error('the gateway has not been started');
    return parts;
  };

  beforeAll(async () => {
    dataDir = await newDataDir();
    const guest = await prepareGuest();
    const host = await startHost();
    try {
      const daemon = await Daemon.start(dataDir, { on: host });
      parts = { guest, host, daemon, xapi: await login(daemon) };
    } catch (thrown) {
      await host.close();
      throw thrown;
    }
  });

  afterAll(async () => {
    if (!parts) return;
    const { host, daemon, xapi } = parts;
    await xapi.disconnect();
    const ended = await daemon.stop();
    await host.close();
    await remove(dataDir);
    if (ended.code !== 0) throw new Error(`the daemon ended with ${ended.code ?? ended.signal}:\n${daemon.process.output}`);
  });

  return {
    get guest() {
      return there().guest;
    },
    get host() {
      return there().host;
    },
    get daemon() {
      return there().daemon;
    },
    get xapi() {
      return there().xapi;
    },
    async logInAgain() {
      const now = there();
      await now.xapi.disconnect();
      now.xapi = await login(now.daemon);
    },
    async crashAndStart(meanwhile) {
      const now = there();
      await now.xapi.disconnect();
      await now.daemon.kill();
      await meanwhile?.();
      now.daemon = await Daemon.start(dataDir, { on: now.host });
      now.xapi = await login(now.daemon);
    },
  };
}

/** The connector of Xen Orchestra. It is ready when its copy of the pool is complete. */
export async function login(daemon: Daemon): Promise<Xapi> {
  return connector(daemon.https, 20);
}

/** The same at any address. It asks for events every `debounce` milliseconds. */
export async function connector(url: string, debounce: number): Promise<Xapi> {
  const auth = { user: 'root', password: PASSWORD };
  const xapi = createClient({ url, auth, allowUnauthorized: true, debounce });
  await xapi.connect();
  await xapi.objectsFetched;
  return xapi;
}
