import { join } from 'node:path';
import type { Host, HostFacts } from '../host.js';
import { LibvirtCompute } from './compute/compute.js';
import { ComputePool } from './compute/compute-pool.js';
import { qemuOwner } from './compute/host-surroundings.js';
import { KeptSession } from './connection/kept-session.js';
import { LibvirtConsole } from './console/console.js';
import { readHostFacts } from './facts/host-facts.js';
import { readRemoteFacts } from './facts/remote-facts.js';
import { bootFiles } from './install/boot-files.js';
import { LocalCounters } from './metrics/local-counters.js';
import { LibvirtMetrics } from './metrics/metrics.js';
import { RemoteCounters } from './metrics/remote-counters.js';
import { libvirtBridges } from './network/libvirt-bridges.js';
import { LinuxNetwork } from './network/linux-network.js';
import { RemoteNetwork } from './network/remote-network.js';
import { RemoteRules } from './network/remote-rules.js';
import { TapRules } from './network/tap-rules.js';
import type { LibvirtOptions } from './options.js';
import { MachinePower } from './power.js';
import { LibvirtStorage } from './storage/libvirt-storage.js';

/** How a host is opened. */
export interface LibvirtHostOptions extends LibvirtOptions {
  /** Directory of what the host keeps over restarts of the daemon. */
  readonly stateDirectory: string;
  /** Directory of what can be fetched again, which QEMU's user can reach. */
  readonly cacheDirectory: string;
  /** Addresses of this machine at which the daemon serves: no change of the network takes them away. */
  readonly listening: readonly string[];
  readonly warn: (error: unknown, message: string) => void;
}

interface Parts {
  readonly session: KeptSession;
  readonly facts: HostFacts;
  readonly compute: LibvirtCompute;
  readonly storage: LibvirtStorage;
  readonly network: LinuxNetwork | RemoteNetwork;
  readonly rules: TapRules | RemoteRules;
  readonly cards: () => readonly string[];
}

/**
 * A KVM host behind libvirt. Where that is another machine, storage is what this one sees too, at the same paths, and the network is as it
 * is there.
 */
export class LibvirtHost implements Host {
  readonly facts: HostFacts;
  readonly compute: LibvirtCompute;
  readonly storage: LibvirtStorage;
  readonly network: LinuxNetwork | RemoteNetwork;
  readonly metrics: LibvirtMetrics;
  readonly console: LibvirtConsole;
  readonly power: MachinePower;
  readonly #session: KeptSession;
  readonly #rules: TapRules | RemoteRules;

  private constructor({ session, facts, compute, storage, network, rules, cards }: Parts, options: LibvirtHostOptions) {
    this.facts = facts;
    this.compute = compute;
    this.storage = storage;
    this.network = network;
    this.#session = session;
    this.#rules = rules;
    this.metrics = new LibvirtMetrics({
      uuid: facts.uuid,
      session,
      volumes: storage,
      storage,
      counters: isLocal(options.uri) ? new LocalCounters(cards) : new RemoteCounters(session),
      warn: options.warn,
    });
    this.console = new LibvirtConsole(session, compute);
    this.power = new MachinePower(options.powerControl && isLocal(options.uri));
  }

  /** Connects and reads what there is. Rejects with what keeps the host from being used. */
  static async open(options: LibvirtHostOptions): Promise<LibvirtHost> {
    const { warn, stateDirectory } = options;
    let uuid = '';
    const session = await KeptSession.open({ uri: options.uri, host: () => uuid, warn });
    const closing: (() => unknown)[] = [() => session.close()];
    try {
      let cards: readonly string[] = [];
      const local = isLocal(options.uri)
        ? await LinuxNetwork.open({
            settings: join(stateDirectory, 'network.json'),
            names: () => libvirtBridges(session),
            listening: () => options.listening,
            warn,
          })
        : undefined;
      const network = local ?? new RemoteNetwork(session);
      if (local) closing.unshift(() => local.close());
      const readCards = async (): Promise<void> => {
        cards = (await network.interfaces()).map(({ device }) => device);
      };
      await readCards();
      network.onChange(() => void readCards().catch((thrown: unknown) => warn(thrown, 'network cards could not be read')));
      const rules = local ? await TapRules.open({ warn }) : new RemoteRules();
      closing.unshift(() => rules.close());
      const storage: LibvirtStorage = new LibvirtStorage({
        live: () => compute.liveDisks,
        warn,
        runDirectory: options.runDirectory,
        isLocal: isLocal(options.uri),
        owner: async () => qemuOwner((await session.call('CONNECT_GET_CAPABILITIES', {})).capabilities),
      });
      // Servers that are gone may take their time, and only what is attached waits for that.
      storage.tidy().catch((thrown: unknown) => warn(thrown, 'what an earlier run had mounted could not be unmounted'));
      const compute: LibvirtCompute = await LibvirtCompute.open({
        session,
        sources: storage,
        rules,
        options,
        pool: new ComputePool(),
        bootFiles: bootFiles({ storage, directory: join(options.cacheDirectory, 'boot') }),
        openVswitchBridges: () => local?.openVswitchBridges() ?? new Set(),
        warn,
      });
      closing.unshift(() => compute.close());
      const facts = await (local ? readHostFacts(session, await network.bridges()) : readRemoteFacts(session, options.uri));
      uuid = facts.uuid;
      return new LibvirtHost({ session, facts, compute, storage, network, rules, cards: () => cards }, options);
    } catch (thrown) {
      for (const close of closing) await close();
      throw thrown;
    }
  }

  async freeMemory(): Promise<number> {
    return this.compute.memory.free;
  }

  /** Ends the daemon's part: domains, networks and storage go on as they are. */
  async close(): Promise<void> {
    // While libvirt can still be told.
    await this.storage.rest();
    this.compute.close();
    await this.#rules.close();
    if (this.network instanceof LinuxNetwork) await this.network.close();
    await this.#session.close();
  }
}

/** Whether an address is that of the libvirt of this machine: it names no other. */
function isLocal(uri: string): boolean {
  return /^[a-z]+(\+unix)?:\/\/\//.test(uri);
}
