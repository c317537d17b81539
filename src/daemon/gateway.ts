import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from '../accounts/accounts.js';
import { PamAuthenticator } from '../accounts/pam.js';
import { AccountIdentities } from '../api/account-identities.js';
import type { Api } from '../api/api.js';
import { buildApi } from '../api/build.js';
import { startWorld } from '../api/world/world.js';
import type { Addresses } from '../config/addresses-file.js';
import { removeAddresses, writeAddresses } from '../config/addresses-file.js';
import type { Config } from '../config/load-config.js';
import { openDatabase } from '../db/open.js';
import { openStore } from '../db/open-store.js';
import { FileLock } from '../files/file-lock.js';
import { type RunningHttp, startHttp } from '../http/server.js';
import type { Log } from '../log/log.js';
import { BlobFiles } from './blob-files.js';
import { InjectedFaults } from './call-faults.js';
import { HttpSessions, HttpTaskRecords } from './http-sessions.js';
import { openPool } from './pool.js';
import { loadPoolSecret } from './pool-secret.js';
import { ensureRootPassword } from './root-password.js';
import { openWorld } from './world.js';

/** Ports that stand in where the standard ones are taken or not permitted, and nobody asked for others. */
const STANDARD = { http: 80, https: 443 };
const FALLBACK = { http: 8080, https: 8443 };

/** Milliseconds that requests and tasks get to finish when the daemon is told to end. */
const GRACE = 10_000;

/** A daemon that serves. */
export interface RunningGateway {
  readonly api: Api;
  readonly addresses: Addresses;
  readonly fingerprint: string;
  /** What stands behind the API, for people. */
  readonly summary: string;
  /** Set when root's password was made by this start. */
  readonly madePassword: string | undefined;
  /** Lets running work finish for a while, then ends. */
  close(): Promise<void>;
}

/** Opens what is to be closed again at the end, in the opposite order. */
class Closing {
  readonly #steps: (() => void | Promise<void>)[] = [];

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** Starts the daemon: opens the data directory, the hosts and the pool, then the door. `onFatal` hears when it cannot go on. */
export async function startGateway(config: Config, log: Log, onFatal: (error: Error) => void): Promise<RunningGateway> {
  const closing = new Closing();
  try {
    return await start(config, log, onFatal, closing);
  } catch (thrown) {
    await closing.run();
    throw thrown;
  }
}

async function start(config: Config, log: Log, onFatal: (error: Error) => void, closing: Closing): Promise<RunningGateway> {
  const { dataDir } = config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await FileLock.take(join(dataDir, 'daemon.lock'));
  closing.add(() => lock.release());
  const accounts = await Accounts.open(dataDir);
  closing.add(() => accounts.close());
  const madePassword = await ensureRootPassword(accounts, config);
  const store = await openStore(config.store, dataDir);
  closing.add(() => store.close());
  const db = await openDatabase(store, onFatal);
  const world = await openWorld(config, db, log);
  closing.add(() => world.close());
  const pool = await openPool(config, db, world.hosts, log);
  const identities = new AccountIdentities(db, accounts, config.auth === 'pam' ? new PamAuthenticator(accounts) : accounts);
  identities.synchronise(await accounts.list());
  accounts.onChange((list) => identities.synchronise(list));

  const { api, dispatcher } = buildApi(
    {
      db,
      log,
      identities,
      persona: config.persona,
      poolSecret: await loadPoolSecret(dataDir),
      faults: new InjectedFaults(db, world.faults),
      dataDir,
      sessionLimits: { idle: config.sessionIdleTimeout * 1000, perUser: config.maxSessions, perOriginator: config.maxSessions },
    },
    pool.master,
  );
  for (const [ref, host] of pool.hosts) api.hosts.add(ref, host);
  const following = await startWorld(api, { wanted: pool.wanted });
  closing.add(() => following.stop());
  await db.durable();

  const http = await openDoor(config, api, dispatcher, log);
  closing.add(() => http.close(GRACE));
  const addresses = addressesOf(http);
  await writeAddresses(dataDir, addresses);
  closing.add(() => removeAddresses(dataDir));
  const summary = `emulated pool: ${count(db.table('host').rows.size, 'host')}, ${count(userVms(api), 'VM')}`;
  return { api, addresses, fingerprint: http.fingerprint, summary, madePassword, close: () => closing.run() };
}

function openDoor(config: Config, api: Api, rpc: Parameters<typeof startHttp>[0]['rpc'], logger: Log): Promise<RunningHttp> {
  const { httpPort, httpsPort, unixSocket } = config;
  return startHttp({
    bind: config.bind,
    httpPort: httpPort ?? STANDARD.http,
    httpsPort: httpsPort ?? STANDARD.https,
    fallbackPorts: {
      ...(httpPort === undefined && { http: FALLBACK.http }),
      ...(httpsPort === undefined && { https: FALLBACK.https }),
    },
    ...(unixSocket !== 'off' && { unixSocketPath: unixSocket }),
    dataDir: config.dataDir,
    rpc,
    authenticator: new HttpSessions(api),
    tasks: new HttpTaskRecords(api),
    blobs: new BlobFiles(api.db, config.dataDir),
    ready: () => ({ ready: true }),
    logger,
  });
}

function addressesOf({ httpUrl, httpsUrl, unixSocketPath }: RunningHttp): Addresses {
  return {
    ...(httpUrl !== undefined && { http: httpUrl }),
    https: httpsUrl,
    ...(unixSocketPath !== undefined && { unix: unixSocketPath }),
    pid: process.pid,
  };
}

function userVms({ db }: Api): number {
  return db.filter('VM', (vm) => !vm.is_a_template && !vm.is_a_snapshot && !vm.is_control_domain).length;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
