import type { OvsBridge } from './open-vswitch-state.js';

/** A network device as the kernel has it now. */
export interface Link {
  readonly name: string;
  /** `bridge`, `bond`, `vlan`, `veth`, `tun`, ...; empty for hardware. */
  readonly kind: string;
  readonly ethernet: boolean;
  readonly mac: string;
  /** The address that the hardware was made with, where that is another one. */
  readonly permanentMac: string;
  readonly mtu: number;
  /** Switched on. */
  readonly up: boolean;
  /** Switched on and able to carry packets. */
  readonly running: boolean;
  /** The bridge or bond that it is in. */
  readonly master: string | undefined;
  /** The device that a VLAN or tunnel goes over. */
  readonly lower: string | undefined;
  readonly tag: number | undefined;
  /** Whether its other end is in another network namespace. */
  readonly farEnd: boolean;
  readonly alias: string;
}

export type Family = 4 | 6;

/** An address of a device. Lifetimes in seconds; undefined: for ever. */
export interface Address {
  readonly family: Family;
  readonly local: string;
  readonly prefix: number;
  readonly peer: string | undefined;
  readonly broadcast: string | undefined;
  readonly scope: string;
  /** Somebody renews it: a DHCP client, or the kernel from what routers say. */
  readonly dynamic: boolean;
  /** Made by the kernel for privacy; it makes others by itself. */
  readonly temporary: boolean;
  readonly valid: number | undefined;
  readonly preferred: number | undefined;
}

/** A route over one device. */
export interface Route {
  readonly family: Family;
  readonly type: string;
  readonly destination: string;
  readonly gateway: string | undefined;
  readonly device: string;
  readonly table: string;
  readonly protocol: string;
  readonly scope: string;
  readonly source: string | undefined;
  readonly metric: number;
  readonly onlink: boolean;
}

/** Alias by which the devices are known that were made here: it lives as long as the device, whatever happens to files. */
export const OURS = 'xenapi';

/** The network of a host at one moment. */
export class NetworkState {
  readonly links: ReadonlyMap<string, Link>;
  readonly addresses: ReadonlyMap<string, readonly Address[]>;
  readonly routes: readonly Route[];
  /** Switches of Open vSwitch, where that runs. */
  readonly switches: ReadonlyMap<string, OvsBridge>;

  constructor(
    links: readonly Link[],
    addresses: ReadonlyMap<string, readonly Address[]>,
    routes: readonly Route[],
    switches: readonly OvsBridge[],
  ) {
    this.links = new Map(links.map((link) => [link.name, link]));
    this.addresses = addresses;
    this.routes = routes;
    this.switches = new Map(switches.map((one) => [one.name, one]));
  }

  /** The device that has the addresses of another one: a bridge in which it is, else itself. Members of bonds have none. */
  holder(device: string): string {
    const above = this.switchOver(device)?.name ?? this.bridgeOf(device);
    return above === undefined || above === device ? device : this.holder(above);
  }

  /** The kernel's bridge that a device is in. */
  bridgeOf(device: string): string | undefined {
    const { master } = this.links.get(device) ?? {};
    return master !== undefined && this.links.get(master)?.kind === 'bridge' ? master : undefined;
  }

  /** The switch of Open vSwitch that a card is in. */
  switchOver(device: string): OvsBridge | undefined {
    for (const one of this.switches.values()) {
      if (one.name !== device && one.ports.some((port) => port.interfaces.includes(device) && !port.internal)) return one;
    }
    return undefined;
  }

  /** The switch that one of its own devices belongs to: that of a VLAN, or the one of the whole switch. */
  switchOf(device: string): OvsBridge | undefined {
    for (const one of this.switches.values()) {
      if (one.ports.some((port) => port.internal && port.interfaces.includes(device))) return one;
    }
    return undefined;
  }

  /** Devices in a bridge or bond of the kernel. */
  members(master: string): readonly Link[] {
    return [...this.links.values()].filter((link) => link.master === master);
  }

  /** Whether a device was made here. */
  isOurs(device: string): boolean {
    return this.links.get(device)?.alias === OURS || this.switchOf(device)?.madeFor !== undefined;
  }

  /** The bond that a card is in. */
  bondOf(device: string): string | undefined {
    const { master } = this.links.get(device) ?? {};
    if (master !== undefined && this.links.get(master)?.kind === 'bond') return master;
    const above = this.switchOver(device);
    return above !== undefined && above.madeFor === above.name ? above.name : undefined;
  }

  /** Addresses by which other machines can reach a device. */
  globalAddresses(device: string, family?: Family): readonly Address[] {
    const all = this.addresses.get(device) ?? [];
    return all.filter((one) => one.scope !== 'link' && one.scope !== 'host' && (family === undefined || one.family === family));
  }

  /** Default routes of the main table, the one that is used first. */
  defaultRoutes(family?: Family): readonly Route[] {
    return this.routes
      .filter(
        (route) =>
          route.table === 'main' &&
          route.destination === 'default' &&
          route.type === 'unicast' &&
          (family === undefined || route.family === family),
      )
      .sort((one, other) => one.metric - other.metric);
  }
}
