import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatedHost } from '../../host/emulated/host.js';
import { createWorld } from '../../host/emulated/world.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { createNetworkRecords } from '../inventory/network-records.js';
import { startWorld } from '../world/world.js';
import { smallVm } from './emulated-pool.js';
import { type ApiFixture, apiFixture } from './fixture.js';

const GIB = 2 ** 30;

/** An API fixture whose host is an emulated one with three network cards; the first one is managed over. */
export interface NetworkPool extends ApiFixture {
  readonly physical: EmulatedHost;
  /** The interface of the card with that number. */
  card(number: number): Ref<'PIF'>;
  pif(ref: Ref<'PIF'>): Fields<'PIF'>;
  /** Makes a network that no card is in. */
  createNetwork(): Promise<Ref<'network'>>;
  /** Makes a running VM whose guest has tools, and gives it a card in the network. */
  createRunningVm(network: Ref<'network'>): Promise<{ vm: Ref<'VM'>; vif: Ref<'VIF'> }>;
  close(): Promise<void>;
}

/** Builds the pool. */
export async function networkPool(): Promise<NetworkPool> {
  const dataDir = mkdtempSync(join(tmpdir(), 'network-pool-'));
  const nic = { carrier: true, speed: 1000 };
  const world = await createWorld({
    dataDir,
    seed: 'network',
    hosts: [
      {
        name: 'one',
        hostname: 'one',
        memory: 16 * GIB,
        cpu: { sockets: 1, coresPerSocket: 4, threadsPerCore: 1 },
        nics: [nic, nic, nic],
      },
    ],
  });
  const fixture = await apiFixture();
  const { api, host, call } = fixture;
  const { db } = api;
  const [physical] = world.hosts;
  if (!physical) throw new Error('the world is empty');
  db.set('host', host, {
    metrics: db.create('host_metrics', { memory_total: 16 * GIB, live: true }),
    address: physical.facts.address,
    capabilities: ['hvm-3.0-x86_64'],
    virtual_hardware_platform_versions: [0, 1, 2],
    cpu_info: new Map([['cpu_count', '4']]),
  });
  api.hosts.add(host, physical);
  await createNetworkRecords(db, host, physical);
  const following = await startWorld(api, { tick: 'off' });
  const pif = (ref: Ref<'PIF'>) => db.get('PIF', ref);
  const createNetwork = () =>
    call<Ref<'network'>>('network.create', {
      name_label: 'net',
      name_description: '',
      MTU: 0,
      other_config: new Map(),
      bridge: '',
      managed: true,
      tags: [],
    });
  return {
    ...fixture,
    physical,
    pif,
    createNetwork,
    card(number) {
      const [found] = db.filter('PIF', (fields) => fields.device === `eth${number}` && fields.physical);
      if (!found) throw new Error(`there is no eth${number}`);
      return found[0];
    },
    async createRunningVm(network) {
      const vm = await call<Ref<'VM'>>('VM.create', smallVm());
      const vif = await call<Ref<'VIF'>>('VIF.create', newVif(vm, network));
      await call('VM.start', vm, false, false);
      while (!db.exists('VM_guest_metrics', db.get('VM', vm).guest_metrics))
        await new Promise((resolve) => setTimeout(resolve, 5));
      return { vm, vif };
    },
    async close() {
      following.stop();
      await world.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What VIF.create gets for a first card with an address made from the VM's seed. */
export function newVif(vm: Ref<'VM'>, network: Ref<'network'>, fields: Partial<Fields<'VIF'>> = {}): Partial<Fields<'VIF'>> {
  return {
    device: '0',
    network,
    VM: vm,
    MAC: '',
    MTU: 1500,
    other_config: new Map(),
    currently_attached: false,
    qos_algorithm_type: '',
    qos_algorithm_params: new Map(),
    locking_mode: 'network_default',
    ipv4_allowed: [],
    ipv6_allowed: [],
    trunks: [],
    ...fields,
  };
}
