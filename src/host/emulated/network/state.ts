import { z } from 'zod';
import type { BondSpec, IpConfiguration, Ipv6Configuration } from '../../network.js';

/** What a host keeps of its network over a restart. Devices are keys. */
export interface NetworkState {
  readonly bridges: Map<string, { readonly device: string | null; readonly mtu: number }>;
  readonly vlans: Map<string, { readonly device: string; readonly tag: number }>;
  readonly bonds: Map<string, BondSpec>;
  readonly tunnels: Map<string, { readonly device: string; readonly protocol: 'gre' | 'vxlan'; readonly key: string }>;
  readonly ip: Map<string, IpConfiguration>;
  readonly ipv6: Map<string, Ipv6Configuration>;
  readonly down: Set<string>;
}

const ipConfiguration = z.object({
  mode: z.enum(['None', 'DHCP', 'Static']),
  ip: z.string(),
  netmask: z.string(),
  gateway: z.string(),
  dns: z.string(),
});

const ipv6Configuration = z.object({
  mode: z.enum(['None', 'DHCP', 'Static', 'Autoconf']),
  addresses: z.array(z.string()),
  gateway: z.string(),
  dns: z.string(),
});

const bond = z.object({
  device: z.string(),
  mode: z.enum(['balance-slb', 'active-backup', 'lacp']),
  slaves: z.array(z.string()),
  mac: z.string(),
  properties: z.map(z.string(), z.string()),
});

/** The form in which the state is kept. */
export const networkState: z.ZodType<NetworkState> = z.object({
  bridges: z.map(z.string(), z.object({ device: z.string().nullable(), mtu: z.int() })),
  vlans: z.map(z.string(), z.object({ device: z.string(), tag: z.int() })),
  bonds: z.map(z.string(), bond),
  tunnels: z.map(z.string(), z.object({ device: z.string(), protocol: z.enum(['gre', 'vxlan']), key: z.string() })),
  ip: z.map(z.string(), ipConfiguration),
  ipv6: z.map(z.string(), ipv6Configuration),
  down: z.array(z.string()).transform((devices) => new Set(devices)),
});

/** The network of a host as it comes from the installer: a bridge on every card, the first one asks for an address. */
export function installedNetwork(cards: readonly string[]): NetworkState {
  const [management] = cards;
  const dhcp: IpConfiguration = { mode: 'DHCP', ip: '', netmask: '', gateway: '', dns: '' };
  return {
    bridges: new Map(cards.map((device, index) => [`xenbr${index}`, { device, mtu: 1500 }])),
    vlans: new Map(),
    bonds: new Map(),
    tunnels: new Map(),
    ip: new Map(management === undefined ? [] : [[management, dhcp]]),
    ipv6: new Map(),
    down: new Set(),
  };
}

/** The state as the journal takes it: it knows maps but no sets. */
export function keptForm(state: NetworkState): unknown {
  return { ...state, down: [...state.down] };
}
