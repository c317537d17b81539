import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Database } from '../../db/database.js';
import { MemoryContents, MemoryStore } from '../../db/memory-store.js';
import { openDatabase } from '../../db/open.js';
import { createWorld, type EmulatedWorld } from '../../host/emulated/world.js';
import { ApiError } from '../../model/error.js';
import { defaultPersona } from '../../model/personas/index.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { buildApi } from '../build.js';
import { continuePool } from '../inventory/continue-pool.js';
import { type CreatedPool, createPool } from '../inventory/create-pool.js';
import type { SrPlan, VmPlan } from '../inventory/plan.js';
import { standardSrs } from '../inventory/standard-srs.js';
import { startWorld, type World } from '../world/world.js';

const GIB = 2 ** 30;

/** An API over an emulated pool that was made as the daemon makes it. */
export interface PoolFixture {
  readonly api: Api;
  readonly db: Database;
  readonly emulated: EmulatedWorld;
  readonly world: World;
  readonly pool: Pick<CreatedPool, 'master' | 'hosts'>;
  /** What a kill would leave on disk. */
  readonly contents: MemoryContents;
  /** The VM of a name. */
  vm(name: string): Ref<'VM'>;
  /** Ends everything as a kill would, and starts again over the same hosts and the same stored rows. */
  restart(): Promise<PoolFixture>;
  close(): Promise<void>;
}

/** A line of a plan with the usual answers to what a test does not ask. */
export function vmPlan(uuid: string, given: Partial<VmPlan> = {}): VmPlan {
  return {
    uuid,
    name: `vm-${uuid.slice(-2)}`,
    description: '',
    template: 'debian-12',
    memory: GIB,
    vcpus: 1,
    disks: [{ name: 'disk 0', size: GIB, sr: undefined }],
    networks: [0],
    cd: true,
    power: 'Halted',
    host: 0,
    ...given,
  };
}

/** A shared SR for disks, and a local one on each host. */
export function diskSrs(): readonly SrPlan[] {
  const common = {
    description: '',
    contentType: 'user',
    size: 10_000 * GIB,
    smConfig: new Map<string, string>(),
    otherConfig: new Map<string, string>(),
    isTools: false,
    volumes: [],
  };
  const nfs = new Map([
    ['server', 'nfs.invalid'],
    ['serverpath', '/export/vms'],
  ]);
  return [
    {
      ...common,
      name: 'Local storage',
      type: 'ext',
      shared: false,
      isDefault: false,
      deviceConfig: () => new Map([['device', '/dev/sda3']]),
    },
    { ...common, name: 'NFS', type: 'nfs', shared: true, isDefault: true, deviceConfig: () => nfs },
  ];
}

/** Makes a pool of emulated hosts with these VMs, in a directory of its own. */
export async function poolFixture(
  given: { hosts?: number; vms?: readonly VmPlan[]; memory?: number } = {},
): Promise<PoolFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pool-fixture-'));
  const contents = new MemoryContents();
  const db = await openDatabase(new MemoryStore(contents), rethrow);
  const emulated = await createWorld({
    dataDir,
    seed: dataDir,
    hosts: Array.from({ length: given.hosts ?? 1 }, (_, number) => ({
      name: `host${number}`,
      hostname: `host${number}`,
      memory: given.memory ?? 64 * GIB,
      cpu: { sockets: 1, coresPerSocket: 2, threadsPerCore: 2 },
      nics: [
        { carrier: true, speed: 1000 },
        { carrier: false, speed: 0 },
      ],
    })),
  });
  const pool = await createPool(db, {
    persona: defaultPersona,
    hosts: emulated.hosts,
    plan: { networks: [], srs: [...diskSrs(), ...standardSrs('XCP-ng Tools')], vms: given.vms ?? [] },
    poolName: 'pool',
    log: silent,
  });
  return compose(dataDir, contents, db, emulated, pool, pool.wanted);
}

const silent = pino({ level: 'silent' });

function rethrow(error: Error): never {
  throw error;
}

async function compose(
  dataDir: string,
  contents: MemoryContents,
  db: Database,
  emulated: EmulatedWorld,
  pool: Pick<CreatedPool, 'master' | 'hosts'>,
  wanted: CreatedPool['wanted'],
): Promise<PoolFixture> {
  const parts = {
    db,
    log: silent,
    identities: {
      verify: (userName: string) => Promise.reject(new ApiError('SESSION_AUTHENTICATION_FAILED', userName, '')),
      changePassword: () => Promise.reject(new ApiError('NOT_IMPLEMENTED', 'session.change_password')),
      rolesChanged: () => Promise.resolve(),
      subjectRemoved: () => Promise.resolve(),
    },
    persona: defaultPersona,
    dataDir,
    poolSecret: 'secret',
  };
  const { api } = buildApi(parts, pool.master);
  for (const [ref, host] of pool.hosts) api.hosts.add(ref, host);
  const world = await startWorld(api, { wanted, tick: 'off' });
  const end = async (): Promise<void> => {
    world.stop();
    await emulated.close();
    await db.durable();
  };
  return {
    api,
    db,
    emulated,
    world,
    pool,
    contents,
    vm: (name) => {
      const [found] = db.filter('VM', (vm) => vm.name_label === name && !vm.is_a_template);
      if (!found) throw new Error(`there is no VM ${name}`);
      return found[0];
    },
    restart: async () => {
      await end();
      const again = await openDatabase(new MemoryStore(contents), rethrow);
      const next = await createWorld({ dataDir, hosts: [] });
      const continued = await continuePool(again, defaultPersona, next.hosts);
      return compose(dataDir, contents, again, next, continued, []);
    },
    close: async () => {
      await end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
