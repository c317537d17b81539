import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from '../accounts/accounts.js';
import { PamAuthenticator } from '../accounts/pam.js';
import { AccountIdentities } from '../api/account-identities.js';
import type { Api } from '../api/api.js';
import { buildApi } from '../api/build.js';
import { serverCertificate } from '../api/certificates/server.js';
import { recordHostCertificate } from '../api/inventory/certificate-records.js';
import { ServedDocuments } from '../api/measurements/served-documents.js';
import { startWorld } from '../api/world/world.js';
import type { Addresses } from '../config/addresses-file.js';
import { removeAddresses, writeAddresses } from '../config/addresses-file.js';
import type { Config } from '../config/load-config.js';
import { openDatabase } from '../db/open.js';
import { openStore } from '../db/open-store.js';
import { FileLock } from '../files/file-lock.js';
import { consoleConnect } from '../http/console/connect.js';
import { screenSnapshot } from '../http/console/snapshot.js';
import { consoleWebSocket } from '../http/console/web-socket.js';
import { databaseDumpEndpoints } from '../http/endpoints/database-dump.js';
import { rawDiskEndpoints } from '../http/endpoints/raw-disks.js';
import { restoreEndpoints } from '../http/endpoints/restores.js';
import { rrdEndpoints } from '../http/endpoints/rrd.js';
import { vmFileEndpoints } from '../http/endpoints/vm-files.js';
import { type RunningHttp, startHttp } from '../http/server.js';
import type { Log } from '../log/log.js';
import { allCommands } from '../xe/commands/index.js';
import { CommandLines } from '../xe/serve/command-lines.js';
import { xeProtocol } from '../xe/serve/raw-protocol.js';
import { restoreFiles, restoreRows } from './backup/pending-restore.js';
import { StateRestore } from './backup/state-restore.js';
import { BlobFiles } from './blob-files.js';
import { InjectedFaults } from './call-faults.js';
import type { ChosenHost } from './choose-host.js';
import { PoolConsoles } from './console-access.js';
import { openDiskServer } from './disk-server.js';
import { dumpDatabase } from './dump-database.js';
import { readDumpEarly } from './dump-file.js';
import { HttpSessions, HttpTaskRecords } from './http-sessions.js';
import { openPool } from './pool.js';
import { loadPoolSecret } from './pool-secret.js';
import { ensureRootPassword } from './root-password.js';

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
  /** Lets running work finish for so many milliseconds, then ends it. */
  close(grace?: number): Promise<void>;
}

/** Opens what is to be closed again at the end, in the opposite order. */
class Closing {
  readonly #steps: (() => void | Promise<void>)[] = [];

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  /** Takes every step, whatever goes wrong in one of them; rejects with the first error at the end. */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (thrown) {
        errors.push(thrown);
      }
    }
    if (errors.length) throw errors[0];
  }
}

/** Whom a daemon tells that it comes to its end. */
export interface EndListeners {
  /** It cannot go on. */
  onFatal(error: Error): void;
  /** It is to be closed and started anew, with a state that was restored. */
  onRestart(): void;
}

/** Starts the daemon: opens the data directory, the hosts and the pool, then the door. */
export async function startGateway(config: Config, host: ChosenHost, log: Log, listeners: EndListeners): Promise<RunningGateway> {
  const closing = new Closing();
  try {
    return await start(config, host, log, listeners, closing);
  } catch (thrown) {
    // Why it could not start is what counts.
    await closing.run().catch((error: unknown) => log.warn({ err: error }, 'what was begun could not be ended cleanly'));
    throw thrown;
  }
}

async function start(
  config: Config,
  host: ChosenHost,
  log: Log,
  { onFatal, onRestart }: EndListeners,
  closing: Closing,
): Promise<RunningGateway> {
  const { dataDir } = config;
  const patience = { grace: GRACE };
  const dump = await readDumpEarly(config, log);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await FileLock.take(join(dataDir, 'daemon.lock'));
  closing.add(() => lock.release());
  await restoreFiles(dataDir);
  const accounts = await Accounts.open(dataDir);
  closing.add(() => accounts.close());
  // A slow hash takes a third of a second of another thread: the rest goes on beside it, and nobody logs in before it is done.
  const rootPassword = ensureRootPassword(accounts, config);
  rootPassword.catch(() => undefined);
  const store = await openStore(config.store, dataDir);
  closing.add(() => store.close());
  const restored = await restoreRows(dataDir, store);
  if (restored) log.warn('the database is that of a backup');
  let ending = false;
  const db = await openDatabase(store, (error) => {
    // Work that goes on after all patience writes to a store that is closed: nobody is told of its outcome any more.
    if (!ending) onFatal(error);
  });
  closing.add(async () => {
    ending = true;
    // What was written last is still on its way to the store. A store that has failed has said so.
    await db.durable().catch(() => undefined);
  });
  const pool = await openPool(config, host, db, dump, log);
  closing.add(() => pool.close());
  const identities = new AccountIdentities(db, accounts, config.auth === 'pam' ? new PamAuthenticator(accounts) : accounts);
  identities.synchronise(await accounts.list());

  const { api, dispatcher } = buildApi(
    {
      db,
      log,
      identities,
      persona: config.persona,
      poolSecret: await loadPoolSecret(dataDir),
      ...(pool.faults && { faults: new InjectedFaults(db, pool.faults) }),
      dataDir,
      sessionLimits: { idle: config.sessionIdleTimeout * 1000, perUser: config.maxSessions, perOriginator: config.maxSessions },
    },
    pool.master,
  );
  accounts.onChange((list) => identities.synchronise(list, api.sessions));
  for (const [ref, host] of pool.hosts) api.hosts.add(ref, host);
  const following = await startWorld(api, { wanted: pool.wanted, booted: pool.booted, restored });
  closing.add(() => api.measurements.save());
  closing.add(() => following.stop());
  await db.durable();
  pool.reached();
  const madePassword = await rootPassword;

  const http = await openDoor(config, api, dispatcher, new StateRestore(api, onRestart), log);
  closing.add(async () => {
    const grace = patience.grace;
    // Who waits for events is told that there are none; the rest of what runs may come to its end.
    api.waiters.close();
    api.legacyEvents.close();
    await Promise.all([http.close(grace), api.tasks.finish(grace)]);
  });
  const disks = await openDiskServer(config, api, log);
  closing.add(() => disks?.close());
  recordHostCertificate(db, api.localHost, await serverCertificate(api));
  const addresses = addressesOf(http);
  await writeAddresses(dataDir, addresses);
  closing.add(() => removeAddresses(dataDir));
  const summary = `${pool.kind}: ${count(db.table('host').rows.size, 'host')}, ${count(userVms(api), 'VM')}`;
  const close = (grace = GRACE): Promise<void> => {
    patience.grace = grace;
    return closing.run();
  };
  return { api, addresses, fingerprint: http.fingerprint, summary, madePassword, close };
}

function openDoor(
  config: Config,
  api: Api,
  rpc: Parameters<typeof startHttp>[0]['rpc'],
  state: StateRestore,
  logger: Log,
): Promise<RunningHttp> {
  const { httpPort, httpsPort, unixSocket } = config;
  const consoles = new PoolConsoles(api);
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
    connectEndpoints: { ...consoleConnect(consoles), ...consoleWebSocket(consoles) },
    endpoints: {
      ...databaseDumpEndpoints(() => dumpDatabase(api.db)),
      ...rawDiskEndpoints(api),
      ...restoreEndpoints(state),
      ...rrdEndpoints(new ServedDocuments(api)),
      ...screenSnapshot(consoles),
      ...vmFileEndpoints(api),
    },
    rawProtocols: [xeProtocol(new CommandLines(rpc, allCommands(), logger), logger)],
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
