import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { continuePool } from '../api/inventory/continue-pool.js';
import { createPool } from '../api/inventory/create-pool.js';
import type { SrPlan } from '../api/inventory/plan.js';
import type { Config } from '../config/load-config.js';
import type { Database } from '../db/database.js';
import { FileLock, FileLockedError } from '../files/file-lock.js';
import { LibvirtHost } from '../host/libvirt/host.js';
import type { Log } from '../log/log.js';
import type { OpenPool } from './pool.js';

/** Addresses that are no interface's own. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost']);

/**
 * Continues the pool of one KVM host, or makes a new one there. Rejects when libvirt does not answer, or when the data
 * directory holds the pool of another host.
 */
export async function openLibvirtPool(config: Config, uri: string, db: Database, log: Log): Promise<OpenPool> {
  const runDirectory = reachable('/run', config.dataDir);
  const cacheDirectory = reachable('/var/cache', config.dataDir);
  const stateDirectory = join(config.dataDir, 'host');
  for (const directory of [runDirectory, cacheDirectory]) await mkdir(directory, { recursive: true, mode: 0o711 });
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const host = await LibvirtHost.open({
    uri,
    domainType: config.domainType,
    runDirectory,
    stateDirectory,
    cacheDirectory,
    listening: EVERYWHERE.has(config.bind) ? [] : [config.bind],
    powerControl: config.hostPower,
    warn: (err, message) => log.warn({ err }, message),
  });
  const closing: (() => void | Promise<void>)[] = [() => host.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0)) await step();
  };
  try {
    const lock = await lockHost(host, runDirectory);
    closing.push(() => lock.release());
    return { ...(await fill(config, host, db, log)), kind: 'KVM host', reached: () => undefined, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Two gateways would each undo what the other does to the domains and disks of one host. Rejects when another one drives it. */
async function lockHost({ facts }: LibvirtHost, runDirectory: string): Promise<FileLock> {
  try {
    return await FileLock.take(join(dirname(runDirectory), `host-${facts.uuid}.lock`));
  } catch (thrown) {
    if (thrown instanceof FileLockedError) throw new Error(`another gateway on this machine drives the host ${facts.uuid}`);
    throw thrown;
  }
}

/**
 * A directory that QEMU's user can reach, which the data directory does not permit. One for each data directory, with a short name,
 * because paths of sockets are short.
 */
function reachable(parent: string, dataDir: string): string {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return join(process.getuid?.() === 0 ? parent : tmpdir(), 'xenapi-gateway', name);
}

async function fill(config: Config, host: LibvirtHost, db: Database, log: Log) {
  const { persona, imageDir, isoDir } = config;
  if (!db.empty) {
    const known = [...db.all('host')].map(([, { uuid }]) => uuid);
    if (!known.includes(host.facts.uuid))
      throw new Error(
        `the data directory holds another pool than that of this host, ${host.facts.uuid}: name another one with --data-dir`,
      );
    return { ...(await continuePool(db, persona, [host])), wanted: [] };
  }
  for (const directory of [imageDir, isoDir]) await mkdir(directory, { recursive: true, mode: 0o711 });
  const srs = [withExisting(localSr(imageDir), await existingSr(host, imageDir)), isoSr(isoDir)];
  const created = await db.asOneWrite(() =>
    createPool(db, { persona, hosts: [host], plan: { networks: [], srs, vms: [] }, poolName: '', log }),
  );
  return { ...created, booted: true };
}

/** The SR that an earlier pool has left in a directory: its disks are those of the new pool. */
async function existingSr({ storage }: LibvirtHost, location: string): Promise<string | undefined> {
  const findings = await storage.probe('file', new Map([['location', location]]));
  return findings.find(({ complete, sr }) => complete && sr)?.sr?.uuid;
}

function withExisting(plan: SrPlan, existing: string | undefined): SrPlan {
  return existing === undefined ? plan : { ...plan, existing };
}

const COMMON = {
  shared: false,
  size: 0,
  isTools: false,
  volumes: [],
  smConfig: new Map<string, string>(),
} as const;

function localSr(directory: string): SrPlan {
  return {
    ...COMMON,
    name: 'Local storage',
    description: `Disks in ${directory}`,
    type: 'file',
    contentType: 'user',
    isDefault: true,
    deviceConfig: () => new Map([['location', directory]]),
    // XenCenter translates the name of the SR that every installation has by this.
    otherConfig: new Map([
      ['i18n-key', 'local-storage'],
      ['i18n-original-value-name_label', 'Local storage'],
    ]),
  };
}

function isoSr(directory: string): SrPlan {
  return {
    ...COMMON,
    name: 'CD images',
    description: `CD images in ${directory}`,
    type: 'iso',
    contentType: 'iso',
    isDefault: false,
    deviceConfig: () =>
      new Map([
        ['location', directory],
        ['legacy_mode', 'true'],
      ]),
    otherConfig: new Map(),
  };
}
