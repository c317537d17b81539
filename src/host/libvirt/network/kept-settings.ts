import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../../../files/atomic-write.js';
import type { BondSpec, IpConfiguration, Ipv6Configuration } from '../../network.js';

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
  properties: z.record(z.string(), z.string()).transform((all) => new Map(Object.entries(all))),
});

/** Name of a device with what was set for it. */
function byDevice<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).transform((all) => new Map(Object.entries(all)));
}

const settings = z.object({
  bridges: byDevice(z.object({ device: z.string().nullable(), mtu: z.int() })),
  vlans: byDevice(z.object({ device: z.string(), tag: z.int() })),
  bonds: byDevice(bond),
  tunnels: byDevice(z.object({ device: z.string(), protocol: z.enum(['gre', 'vxlan']), key: z.string() })),
  ip: byDevice(ipConfiguration),
  ipv6: byDevice(ipv6Configuration),
  down: z.array(z.string()).transform((all) => new Set(all)),
  leased: z.array(z.string()).transform((all) => new Set(all)),
});

/** What was set up, by the name of the device. The kernel forgets it when the host boots. */
export interface Settings {
  readonly bridges: Map<string, { readonly device: string | null; readonly mtu: number }>;
  readonly vlans: Map<string, { readonly device: string; readonly tag: number }>;
  readonly bonds: Map<string, BondSpec>;
  readonly tunnels: Map<string, { readonly device: string; readonly protocol: 'gre' | 'vxlan'; readonly key: string }>;
  readonly ip: Map<string, IpConfiguration>;
  readonly ipv6: Map<string, Ipv6Configuration>;
  readonly down: Set<string>;
  /** Devices with the family of addresses, `eth0/4`, for which a DHCP client was started here; others may have clients of their own. */
  readonly leased: Set<string>;
}

function nothing(): Settings {
  return {
    bridges: new Map(),
    vlans: new Map(),
    bonds: new Map(),
    tunnels: new Map(),
    ip: new Map(),
    ipv6: new Map(),
    down: new Set(),
    leased: new Set(),
  };
}

/** What was set up, in a file, so that it can be set up again. */
export class KeptSettings {
  readonly current: Settings;
  private readonly path: string | undefined;
  private written: string;

  private constructor(current: Settings, path: string | undefined) {
    this.current = current;
    this.path = path;
    this.written = textOf(current);
  }

  /** Reads the file; without a path, settings are kept as long as the process runs. Rejects when the file is damaged. */
  static async open(path: string | undefined): Promise<KeptSettings> {
    if (path === undefined) return new KeptSettings(nothing(), path);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return new KeptSettings(nothing(), path);
      throw thrown;
    }
    return new KeptSettings(settings.parse(JSON.parse(text)), path);
  }

  /** Changes what is set, and writes it where it has changed. */
  async change(work: (settings: Settings) => void): Promise<void> {
    work(this.current);
    const text = textOf(this.current);
    if (text === this.written) return;
    if (this.path !== undefined) await writeFileAtomically(this.path, text);
    this.written = text;
  }

  /** Forgets everything that was set for devices that are no more. */
  forget(...devices: readonly string[]): Promise<void> {
    return this.change(({ bridges, vlans, bonds, tunnels, ip, ipv6, down, leased }) => {
      for (const device of devices) {
        for (const kind of [bridges, vlans, bonds, tunnels, ip, ipv6, down]) kind.delete(device);
        for (const family of [4, 6]) leased.delete(`${device}/${family}`);
      }
    });
  }
}

function textOf(current: Settings): string {
  return JSON.stringify(
    current,
    (_key, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value instanceof Set ? [...value] : value),
    2,
  );
}
