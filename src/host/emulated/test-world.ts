import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../../model/error.js';
import type { SrSpec } from '../storage.js';
import type { EmulatedHost } from './host.js';
import { createWorld, type EmulatedWorld, type WorldOptions } from './world.js';

const GIB = 2 ** 30;

/** A directory for one test, gone afterwards. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'emulated-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** What a test asks of its world. Memory in bytes. */
export interface TestShape extends Omit<Partial<WorldOptions>, 'dataDir' | 'hosts'> {
  readonly hosts?: number;
  readonly hostMemory?: number;
  readonly nics?: number;
}

/** A world with its SRs. */
export interface TestWorld extends EmulatedWorld {
  /** An `ext` SR on the first host, and an `nfs` one that all hosts have attached. */
  readonly srs: readonly { readonly spec: SrSpec }[];
}

/** Makes a world, or continues the one of the directory, and attaches its SRs. */
export async function openWorld(dataDir: string, shape: TestShape): Promise<TestWorld> {
  const { hosts = 1, hostMemory = 64 * GIB, nics = 2, ...options } = shape;
  const world = await createWorld({
    ...options,
    dataDir,
    hosts: Array.from({ length: hosts }, (_, number) => ({
      name: `host${number + 1}`,
      hostname: `host${number + 1}`,
      memory: hostMemory,
      cpu: { sockets: 2, coresPerSocket: 8, threadsPerCore: 2 },
      nics: Array.from({ length: nics }, () => ({ carrier: true, speed: 1000 })),
    })),
  });
  const [first] = world.hosts;
  if (first === undefined) throw new Error('a world has a host');
  const srs = [localSr(first), SHARED];
  for (const spec of srs) {
    await makeOnce(first, spec);
    for (const host of spec.shared ? world.hosts : [first]) await host.storage.attach(spec);
  }
  return { ...world, srs: srs.map((spec) => ({ spec })) };
}

const common = { smConfig: new Map<string, string>(), contentType: 'user' };

/** A medium belongs to its host, so the uuid follows from that of the host. */
function localSr({ facts }: EmulatedHost): SrSpec {
  const uuid = `10ca1000-0001-4f6a-9d53-${facts.uuid.slice(-12)}`;
  return { ...common, uuid, type: 'ext', deviceConfig: new Map([['device', '/dev/sdb']]), shared: false };
}

const SHARED: SrSpec = {
  ...common,
  uuid: '5c8a6d7e-0002-4f6a-9d53-1f0e3b6a0002',
  type: 'nfs',
  deviceConfig: new Map([
    ['server', '10.0.0.5'],
    ['serverpath', '/export/vms'],
  ]),
  shared: true,
};

/** An earlier process may have made it. */
async function makeOnce(host: EmulatedHost, spec: SrSpec): Promise<void> {
  try {
    await host.storage.createSr(spec, 500 * GIB);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.code === 'SR_UUID_EXISTS')) throw thrown;
  }
}
