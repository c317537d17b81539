import type { Unsubscribe } from './progress.js';

/** A network card of the host. */
export interface PhysicalInterface {
  readonly device: string;
  readonly mac: string;
  readonly mtu: number;
  /** Mbit/s; 0 when unknown. */
  readonly speed: number;
  readonly duplex: boolean;
  readonly carrier: boolean;
  readonly pciBusPath: string;
  readonly vendorId: string;
  readonly vendorName: string;
  readonly deviceId: string;
  readonly deviceName: string;
}

/** A bridge that is there, whoever made it. */
export interface FoundBridge {
  readonly bridge: string;
  readonly mtu: number;
  /** Cards, bonds or VLANs in it; the devices of guests are left out. */
  readonly devices: readonly string[];
  /** What its maker calls it: the name of a libvirt network, else the bridge. */
  readonly name: string;
}

/** Address settings of an interface. */
export interface IpConfiguration {
  readonly mode: 'None' | 'DHCP' | 'Static';
  readonly ip: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly dns: string;
}

/** IPv6 settings of an interface; addresses with their prefix length. */
export interface Ipv6Configuration {
  readonly mode: 'None' | 'DHCP' | 'Static' | 'Autoconf';
  readonly addresses: readonly string[];
  readonly gateway: string;
  readonly dns: string;
}

/** Addresses that an interface has now. */
export interface InterfaceAddresses {
  readonly ipv4: readonly { readonly address: string; readonly netmask: string }[];
  readonly ipv6: readonly string[];
  readonly gateway: string;
  readonly dns: string;
  /** Whether the first IPv4 address was leased, where the host can tell; else it was set. */
  readonly leased?: boolean;
}

export interface BondSpec {
  readonly device: string;
  readonly mode: 'balance-slb' | 'active-backup' | 'lacp';
  readonly slaves: readonly string[];
  readonly mac: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** Bridges, cards, bonds, VLANs and addresses of a host. Devices are named as the kernel names them. */
export interface HostNetwork {
  /** Whether others shape the network too, as on a real host: then nothing of it is changed before somebody needs it. */
  readonly isShared: boolean;
  interfaces(): Promise<readonly PhysicalInterface[]>;
  /** Every bridge, those of guests' own networks too. */
  bridges(): Promise<readonly FoundBridge[]>;
  /** Called when a card or bridge comes, goes, or its link changes. */
  onChange(listener: () => void): Unsubscribe;
  addresses(device: string): Promise<InterfaceAddresses>;
  /** Makes a bridge, with a device in it or none, or brings an existing one into this shape. */
  ensureBridge(bridge: string, device: string | undefined, mtu: number): Promise<void>;
  removeBridge(bridge: string): Promise<void>;
  /** Makes a device for a VLAN; resolves with its name. */
  createVlan(device: string, tag: number): Promise<string>;
  removeVlan(device: string, tag: number): Promise<void>;
  createBond(bond: BondSpec): Promise<void>;
  changeBond(bond: BondSpec): Promise<void>;
  removeBond(device: string): Promise<void>;
  /** Makes a tunnel between hosts over a device; resolves with its name. */
  createTunnel(device: string, protocol: 'gre' | 'vxlan', key: string): Promise<string>;
  removeTunnel(device: string): Promise<void>;
  configureIp(device: string, configuration: IpConfiguration): Promise<InterfaceAddresses>;
  configureIpv6(device: string, configuration: Ipv6Configuration): Promise<InterfaceAddresses>;
  bringUp(device: string): Promise<void>;
  bringDown(device: string): Promise<void>;
}
