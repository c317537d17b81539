import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ApiError } from '../../../model/error.js';
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
import { type Lease, macAddress6 } from './address-plan.js';
import type { NetworkState } from './state.js';

/** Prefix that the emulated routers announce. */
const ROUTER_PREFIX = 'fd00:0:0:1:';
const HIGHEST_VLAN = 4094;

/** The network of one emulated host: only state, but state that fits together. */
export class EmulatedNetwork implements HostNetwork {
  readonly isShared = false;
  private cards: readonly PhysicalInterface[];
  private readonly state: NetworkState;
  private readonly lease: (device: string) => Lease;
  private readonly keep: (state: NetworkState) => void;
  private readonly listeners = new Set<() => void>();

  /** `keep` is called with the state after every change of it. */
  constructor(
    cards: readonly PhysicalInterface[],
    state: NetworkState,
    lease: (device: string) => Lease,
    keep: (state: NetworkState) => void,
  ) {
    this.cards = cards;
    this.state = state;
    this.lease = lease;
    this.keep = keep;
  }

  async interfaces(): Promise<readonly PhysicalInterface[]> {
    return this.cards;
  }

  async bridges(): Promise<readonly FoundBridge[]> {
    return [...this.state.bridges].map(([bridge, { device, mtu }]) => ({
      bridge,
      mtu,
      devices: device === null ? [] : [device],
      name: bridge,
    }));
  }

  onChange(listener: () => void): Unsubscribe {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Plugs or pulls the cable of a card. */
  setCarrier(device: string, carrier: boolean): void {
    this.card(device);
    this.cards = this.cards.map((card) => (card.device === device ? { ...card, carrier } : card));
    for (const listener of this.listeners) listener();
  }

  async addresses(device: string): Promise<InterfaceAddresses> {
    const mac = this.macOf(device);
    const ip = this.state.ip.get(device);
    const ipv6 = this.state.ipv6.get(device);
    const up = !this.state.down.has(device);
    const lease = this.lease(this.leaseHolder(device));
    const ipv4 = ip?.mode === 'DHCP' ? lease : ip?.mode === 'Static' ? { ...ip, address: ip.ip } : undefined;
    return {
      ipv4: up && ipv4 !== undefined ? [{ address: ipv4.address, netmask: ipv4.netmask }] : [],
      ipv6: up ? addresses6(ipv6, mac) : [],
      gateway: up ? ipv4?.gateway || ipv6?.gateway || '' : '',
      dns: up ? ipv4?.dns || ipv6?.dns || '' : '',
    };
  }

  async ensureBridge(bridge: string, device: string | undefined, mtu: number): Promise<void> {
    if (device !== undefined) this.macOf(device);
    this.change(() => {
      if (device !== undefined) this.leaveBridge(device);
      this.state.bridges.set(bridge, { device: device ?? null, mtu });
    });
  }

  async removeBridge(bridge: string): Promise<void> {
    if (this.state.bridges.has(bridge)) this.change(() => this.state.bridges.delete(bridge));
  }

  /** Whether a card of a guest can be put into the bridge. */
  hasBridge(bridge: string): boolean {
    return this.state.bridges.has(bridge);
  }

  async createVlan(device: string, tag: number): Promise<string> {
    this.macOf(device);
    if (!Number.isInteger(tag) || tag < 0 || tag > HIGHEST_VLAN) throw new ApiError('VLAN_TAG_INVALID', String(tag));
    const name = vlanName(device, tag);
    if (this.state.vlans.has(name)) throw new ApiError('VLAN_IN_USE', device, String(tag));
    this.change(() => this.state.vlans.set(name, { device, tag }));
    return name;
  }

  async removeVlan(device: string, tag: number): Promise<void> {
    const name = vlanName(device, tag);
    if (!this.state.vlans.has(name)) throw new ApiError('PIF_DEVICE_NOT_FOUND');
    this.remove(name);
  }

  async createBond(bond: BondSpec): Promise<void> {
    if (this.exists(bond.device)) throw new ApiError('DUPLICATE_PIF_DEVICE_NAME', bond.device);
    this.checkBond(bond);
    this.change(() => this.state.bonds.set(bond.device, bond));
  }

  async changeBond(bond: BondSpec): Promise<void> {
    if (!this.state.bonds.has(bond.device)) throw new ApiError('PIF_DEVICE_NOT_FOUND');
    this.checkBond(bond);
    this.change(() => this.state.bonds.set(bond.device, bond));
  }

  async removeBond(device: string): Promise<void> {
    if (!this.state.bonds.has(device)) throw new ApiError('PIF_DEVICE_NOT_FOUND');
    for (const vlan of this.state.vlans.values()) if (vlan.device === device) throw new ApiError('PIF_VLAN_STILL_EXISTS', device);
    for (const tunnel of this.state.tunnels.values())
      if (tunnel.device === device) throw new ApiError('PIF_TUNNEL_STILL_EXISTS', device);
    this.remove(device);
  }

  async createTunnel(device: string, protocol: 'gre' | 'vxlan', key: string): Promise<string> {
    this.macOf(device);
    let number = 0;
    while (this.state.tunnels.has(`tunnel${number}`)) number++;
    this.change(() => this.state.tunnels.set(`tunnel${number}`, { device, protocol, key }));
    return `tunnel${number}`;
  }

  async removeTunnel(device: string): Promise<void> {
    if (!this.state.tunnels.has(device)) throw new ApiError('PIF_DEVICE_NOT_FOUND');
    this.remove(device);
  }

  async configureIp(device: string, configuration: IpConfiguration): Promise<InterfaceAddresses> {
    this.macOf(device);
    if (configuration.mode === 'Static') {
      for (const field of ['ip', 'netmask'] as const) {
        if (!isIPv4(configuration[field])) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', field);
      }
      if (configuration.gateway !== '' && !isIPv4(configuration.gateway))
        throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', 'gateway');
    }
    checkDns(configuration.dns);
    this.change(() => this.state.ip.set(device, configuration));
    return this.addresses(device);
  }

  async configureIpv6(device: string, configuration: Ipv6Configuration): Promise<InterfaceAddresses> {
    this.macOf(device);
    if (configuration.mode === 'Static') {
      for (const address of configuration.addresses) checkPrefixed(address);
      if (configuration.gateway !== '' && !isIPv6(configuration.gateway))
        throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', 'gateway');
    }
    checkDns(configuration.dns);
    this.change(() => this.state.ipv6.set(device, configuration));
    return this.addresses(device);
  }

  async bringUp(device: string): Promise<void> {
    this.macOf(device);
    this.change(() => this.state.down.delete(device));
  }

  async bringDown(device: string): Promise<void> {
    this.macOf(device);
    this.change(() => this.state.down.add(device));
  }

  /** DHCP knows a bond by the address of its first card, and gives it what that card had. */
  private leaseHolder(device: string): string {
    return this.state.bonds.get(device)?.slaves[0] ?? device;
  }

  /** The MAC address that a device shows; throws PIF_DEVICE_NOT_FOUND. */
  private macOf(device: string): string {
    const below = this.state.vlans.get(device)?.device ?? this.state.tunnels.get(device)?.device;
    if (below !== undefined) return this.macOf(below);
    const bond = this.state.bonds.get(device);
    if (bond !== undefined) return bond.mac || this.macOf(bond.slaves[0] ?? '');
    return this.card(device).mac;
  }

  private card(device: string): PhysicalInterface {
    const card = this.cards.find((one) => one.device === device);
    if (card === undefined) throw new ApiError('PIF_DEVICE_NOT_FOUND');
    return card;
  }

  private exists(device: string): boolean {
    const { vlans, bonds, tunnels } = this.state;
    return vlans.has(device) || bonds.has(device) || tunnels.has(device) || this.cards.some((card) => card.device === device);
  }

  private checkBond(bond: BondSpec): void {
    if (bond.slaves.length === 0) throw new ApiError('PIF_BOND_NEEDS_MORE_MEMBERS');
    for (const slave of bond.slaves) {
      this.card(slave);
      for (const other of this.state.bonds.values()) {
        if (other.device !== bond.device && other.slaves.includes(slave)) throw new ApiError('PIF_ALREADY_BONDED', slave);
      }
    }
  }

  /** Takes a device away with everything that was set for it. */
  private remove(device: string): void {
    this.change(() => {
      const { vlans, bonds, tunnels, ip, ipv6, down } = this.state;
      for (const kind of [vlans, bonds, tunnels, ip, ipv6, down]) kind.delete(device);
      this.leaveBridge(device);
    });
  }

  /** A device is in one bridge at most. */
  private leaveBridge(device: string): void {
    for (const [bridge, { device: inside, mtu }] of this.state.bridges) {
      if (inside === device) this.state.bridges.set(bridge, { device: null, mtu });
    }
  }

  private change(work: () => void): void {
    work();
    this.keep(this.state);
  }
}

function vlanName(device: string, tag: number): string {
  return `${device}.${tag}`;
}

function addresses6(configuration: Ipv6Configuration | undefined, mac: string): readonly string[] {
  const linkLocal = `${macAddress6(mac)}/64`;
  switch (configuration?.mode) {
    case 'Static':
      return [...configuration.addresses, linkLocal];
    case 'DHCP':
    case 'Autoconf':
      return [`${macAddress6(mac, ROUTER_PREFIX)}/64`, linkLocal];
    default:
      return [];
  }
}

function checkPrefixed(address: string): void {
  const [ip = '', prefix = ''] = address.split('/');
  const bits = Number(prefix);
  if (!isIPv6(ip) || !/^\d+$/.test(prefix) || bits > 128) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', 'IPv6');
}

function checkDns(dns: string): void {
  for (const server of dns.split(',')) {
    if (server !== '' && isIP(server.trim()) === 0) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', 'DNS');
  }
}
