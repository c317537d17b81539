import { z } from 'zod';
import { isDeviceName } from './device-name.js';
import type { Address, Family, Link, Route } from './network-state.js';

/** How the kernel says for ever. */
const FOR_EVER = 0xffff_ffff;

const address = z.object({
  family: z.string().optional(),
  local: z.string().optional(),
  prefixlen: z.number().optional(),
  address: z.string().optional(),
  broadcast: z.string().optional(),
  scope: z.string().optional(),
  dynamic: z.boolean().optional(),
  temporary: z.boolean().optional(),
  valid_life_time: z.number().optional(),
  preferred_life_time: z.number().optional(),
});

const link = z.object({
  ifname: z.string().optional(),
  link: z.string().nullish(),
  flags: z.array(z.string()).optional(),
  mtu: z.number().optional(),
  master: z.string().optional(),
  link_type: z.string().optional(),
  address: z.string().optional(),
  permaddr: z.string().optional(),
  link_netnsid: z.number().optional(),
  ifalias: z.string().optional(),
  linkinfo: z
    .object({
      info_kind: z.string().optional(),
      info_data: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  addr_info: z.array(address).optional(),
});

const route = z.object({
  type: z.string().optional(),
  dst: z.string(),
  gateway: z.string().optional(),
  via: z.object({ host: z.string() }).optional(),
  dev: z.string().optional(),
  table: z.string().optional(),
  protocol: z.string().optional(),
  scope: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.number().optional(),
  flags: z.array(z.string()).optional(),
  /** IPv6 routes have one. */
  pref: z.string().optional(),
});

/** What `ip -json -details address show` tells of devices and their addresses. Devices with odd names are left out. */
export function readLinks(json: unknown): { links: Link[]; addresses: Map<string, readonly Address[]> } {
  const links: Link[] = [];
  const addresses = new Map<string, readonly Address[]>();
  for (const one of z.array(link).parse(json)) {
    const { ifname: name, flags = [], linkinfo = {} } = one;
    if (name === undefined || !isDeviceName(name)) continue;
    const { info_kind: kind = '', info_data: data } = linkinfo;
    links.push({
      name,
      kind,
      ethernet: one.link_type === 'ether',
      mac: one.address ?? '',
      permanentMac: one.permaddr ?? '',
      mtu: one.mtu ?? 0,
      up: flags.includes('UP'),
      running: flags.includes('UP') && flags.includes('LOWER_UP'),
      master: one.master,
      lower: one.link ?? (typeof data?.link === 'string' ? data.link : undefined),
      tag: kind === 'vlan' && typeof data?.id === 'number' ? data.id : undefined,
      farEnd: one.link_netnsid !== undefined,
      alias: one.ifalias ?? '',
    });
    addresses.set(name, (one.addr_info ?? []).flatMap(readAddress));
  }
  return { links, addresses };
}

function readAddress(one: z.infer<typeof address>): Address[] {
  const { local, prefixlen: prefix } = one;
  if (local === undefined || prefix === undefined) return [];
  const valid = lifetime(one.valid_life_time);
  return [
    {
      family: one.family === 'inet6' ? 6 : 4,
      local,
      prefix,
      peer: one.address,
      broadcast: one.broadcast,
      scope: one.scope ?? 'global',
      dynamic: one.dynamic === true || valid !== undefined,
      temporary: one.temporary === true,
      valid,
      preferred: lifetime(one.preferred_life_time),
    },
  ];
}

function lifetime(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds === FOR_EVER ? undefined : seconds;
}

/** What `ip -json -details route show table all` tells, without what the kernel keeps for itself. */
export function readRoutes(json: unknown): Route[] {
  return z
    .array(route)
    .parse(json)
    .flatMap((one): Route[] => {
      const { dev: device, table = 'main', gateway = one.via?.host, dst: destination } = one;
      if (device === undefined || table === 'local') return [];
      const texts = [destination, gateway ?? '', one.prefsrc ?? ''];
      const family: Family = one.pref !== undefined || texts.some((text) => text.includes(':')) ? 6 : 4;
      return [
        {
          family,
          type: one.type ?? 'unicast',
          destination,
          gateway,
          device,
          table,
          protocol: one.protocol ?? 'boot',
          scope: one.scope ?? 'global',
          source: one.prefsrc,
          metric: one.metric ?? 0,
          onlink: one.flags?.includes('onlink') ?? false,
        },
      ];
    });
}
