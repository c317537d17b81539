import type {
  BondSpec,
  FoundBridge,
  HostNetwork,
  InterfaceAddresses,
  IpConfiguration,
  Ipv6Configuration,
  PhysicalInterface,
} from '../../network.js';
import type { Unsubscribe } from '../../progress.js';
import { changeBond, createBond, removeBond } from './bonds.js';
import { ensureBridge, findBridges, removeBridge } from './bridges.js';
import { CardFacts } from './card-facts.js';
import { cardsOf } from './cards.js';
import { ChangeGuard } from './change-guard.js';
import { type Commands, HostCommands } from './commands.js';
import type { NetworkContext } from './context.js';
import { DhcpClients } from './dhcp-clients.js';
import { Interfaces } from './interfaces.js';
import { IpTool } from './ip-tool.js';
import { KeptSettings } from './kept-settings.js';
import { Monitor } from './monitor.js';
import { NameServers } from './name-servers.js';
import { OpenVswitch } from './open-vswitch.js';
import { existing } from './refusal.js';
import { restoreSettings } from './restore-settings.js';
import { createTunnel, removeTunnel } from './tunnels.js';
import { createVlan, removeVlan } from './vlans.js';

/** Milliseconds after a change within which the host must be reachable again: bonds and spanning trees take some to settle. */
const PATIENCE = 10_000;

/** How the network of a host is kept. */
export interface LinuxNetworkOptions {
  /** File in which is kept what was set up; undefined: only as long as the process runs. */
  readonly settings?: string;
  /** The cards, where they cannot be told from other devices. Default: hardware, else ends of veth pairs that lead elsewhere. */
  readonly cards?: readonly string[];
  /** The card over which the host is managed; undefined, or no answer: where the default route goes. */
  readonly management?: () => string | undefined;
  /** Addresses at which the host serves: no change takes them away. */
  readonly listening?: () => readonly string[];
  /** Names that others have given to bridges, by bridge. */
  readonly names?: () => Promise<ReadonlyMap<string, string>>;
  /** Socket of Open vSwitch's database. */
  readonly openVswitch?: string;
  /** File that lists name servers. */
  readonly nameServers?: string;
  /** Runs programs; another one may run them in a network namespace. */
  readonly commands?: Commands;
  /** Milliseconds until a change after which the host cannot be reached is undone. */
  readonly patience?: number;
  readonly warn?: (error: unknown, message: string) => void;
}

/**
 * The network of the host on which the process runs, set up with `ip`, and with Open vSwitch for what the kernel does not
 * have. Devices that were made here carry an alias; what others made is used as it is. Every change that takes away the way
 * to the host is undone and refused.
 */
export class LinuxNetwork implements HostNetwork {
  readonly isShared = true;
  private readonly options: LinuxNetworkOptions;
  private readonly context: NetworkContext;
  private readonly dhcp: DhcpClients;
  private readonly addressing: Interfaces;
  private readonly monitor: Monitor;
  private readonly facts = new CardFacts();
  private readonly listeners = new Set<() => void>();
  /** Changes wait for each other: each is decided on what the one before has left. */
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(options: LinuxNetworkOptions, kept: KeptSettings) {
    const commands = options.commands ?? new HostCommands();
    const switches = new OpenVswitch(commands, options.openVswitch ?? '/run/openvswitch/db.sock');
    const ip = new IpTool(commands, switches);
    const guard = new ChangeGuard(ip, commands, {
      management: () => options.management?.(),
      listening: () => options.listening?.() ?? [],
      patience: options.patience ?? PATIENCE,
    });
    this.options = options;
    this.context = { commands, ip, switches, guard, kept };
    this.dhcp = new DhcpClients(commands);
    this.addressing = new Interfaces(this.context, this.dhcp, new NameServers(options.nameServers ?? '/etc/resolv.conf'));
    this.monitor = new Monitor(
      commands,
      () => ip.changed(),
      () => {
        for (const listener of this.listeners) listener();
      },
    );
  }

  /** Reads what was set up before, and sets up again what is not there any more. */
  static async open(options: LinuxNetworkOptions = {}): Promise<LinuxNetwork> {
    const network = new LinuxNetwork(options, await KeptSettings.open(options.settings));
    const { ip, kept } = network.context;
    // Fails where `ip` is not installed, or is older than what is read here.
    await ip.read();
    network.monitor.start();
    await restoreSettings(network, ip, kept, options.warn ?? (() => undefined));
    return network;
  }

  async interfaces(): Promise<readonly PhysicalInterface[]> {
    const cards = cardsOf(await this.context.ip.recent(), this.options.cards);
    return Promise.all(cards.map((link) => this.facts.describe(link)));
  }

  async bridges(): Promise<readonly FoundBridge[]> {
    const [state, names] = await Promise.all([this.context.ip.recent(), this.names()]);
    return findBridges(state, names);
  }

  /** Bridges of Open vSwitch, as far as known from the last look: domains are plugged into those in another way. */
  openVswitchBridges(): ReadonlySet<string> {
    const switched = [...(this.context.ip.last?.switches.values() ?? [])].filter(({ madeFor }) => madeFor === undefined);
    return new Set(
      switched.flatMap(({ name, ports }) => [name, ...ports.flatMap((port) => (port.fakeBridge ? [port.name] : []))]),
    );
  }

  onChange(listener: () => void): Unsubscribe {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async addresses(device: string): Promise<InterfaceAddresses> {
    const state = await this.context.ip.recent();
    existing(state, device);
    return this.addressing.of(state, device);
  }

  ensureBridge(bridge: string, device: string | undefined, mtu: number): Promise<void> {
    return this.restructure(() => ensureBridge(this.context, bridge, device, mtu));
  }

  removeBridge(bridge: string): Promise<void> {
    return this.restructure(() => removeBridge(this.context, bridge));
  }

  createVlan(device: string, tag: number): Promise<string> {
    return this.restructure(() => createVlan(this.context, device, tag));
  }

  removeVlan(device: string, tag: number): Promise<void> {
    return this.restructure(() => removeVlan(this.context, device, tag, this.options.management?.()));
  }

  createBond(bond: BondSpec): Promise<void> {
    return this.restructure(() => createBond(this.context, bond));
  }

  changeBond(bond: BondSpec): Promise<void> {
    return this.restructure(() => changeBond(this.context, bond));
  }

  removeBond(device: string): Promise<void> {
    return this.restructure(() => removeBond(this.context, device));
  }

  createTunnel(device: string, protocol: 'gre' | 'vxlan', key: string): Promise<string> {
    return this.restructure(() => createTunnel(this.context, device, protocol, key));
  }

  removeTunnel(device: string): Promise<void> {
    return this.restructure(() => removeTunnel(this.context, device, this.options.management?.()));
  }

  configureIp(device: string, configuration: IpConfiguration): Promise<InterfaceAddresses> {
    return this.exclusively(() => this.addressing.configureIp(device, configuration, this.options.management?.()));
  }

  configureIpv6(device: string, configuration: Ipv6Configuration): Promise<InterfaceAddresses> {
    return this.exclusively(() => this.addressing.configureIpv6(device, configuration));
  }

  bringUp(device: string): Promise<void> {
    return this.exclusively(() => this.addressing.bringUp(device));
  }

  bringDown(device: string): Promise<void> {
    return this.exclusively(() => this.addressing.bringDown(device));
  }

  /** Ends the programs that run on. What was set up stays. */
  async close(): Promise<void> {
    this.monitor.stop();
    this.dhcp.close();
    await this.queue;
  }

  /** A bridge without a name of others is one all the same, also while those cannot be asked. */
  private async names(): Promise<ReadonlyMap<string, string>> {
    try {
      return (await this.options.names?.()) ?? new Map();
    } catch (thrown) {
      this.options.warn?.(thrown, 'the names of bridges could not be read');
      return new Map();
    }
  }

  /** A change after which an interface may have its addresses on another device. */
  private restructure<T>(work: () => Promise<T>): Promise<T> {
    return this.exclusively(async () => {
      const result = await work();
      if (this.dhcp.anyRuns) {
        const state = await this.context.ip.recent();
        this.dhcp.settle((device) => (state.links.has(device) ? state.holder(device) : undefined));
      }
      return result;
    });
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}
