import type { z } from 'zod';
import { type Delays, NO_DELAYS } from '../host/emulated/compute/options.js';
import type { FaultRule } from '../host/emulated/faults.js';
import { DRIVERS } from '../host/emulated/storage/drivers.js';
import type { EmulateInput } from './emulate.js';
import { GiB, type host, MOST_VMS, type network, type sr, TiB, type vmGroup } from './emulate-parts.js';

type HostInput = z.output<typeof host>;
type NetworkInput = z.output<typeof network>;
type SrInput = z.output<typeof sr>;
type GroupInput = z.output<typeof vmGroup>;

/** A host of the plan. Memory in bytes, speed in Mbit/s. */
export interface PlannedHost {
  readonly name: string;
  readonly hostname: string;
  readonly memory: number;
  readonly cpus: number;
  readonly nics: readonly { readonly carrier: boolean; readonly speed: number }[];
}

/** An SR of the plan. Size in bytes. */
export interface PlannedSr extends Omit<SrInput, 'shared' | 'size' | 'device-config'> {
  readonly shared: boolean;
  readonly size: number;
  /** Where it is; undefined where nobody said. */
  readonly deviceConfig: ReadonlyMap<string, string> | undefined;
}

/** A group of VMs of the plan. Sizes in bytes. */
export interface PlannedGroup {
  readonly count: number;
  /** With `{n}` where the number of the VM goes. */
  readonly name: string;
  readonly description: string;
  readonly template: string | undefined;
  readonly states: { readonly running: number; readonly suspended: number; readonly paused: number };
  readonly memory: number;
  readonly vcpus: number;
  /** `sr` is the name of an SR of the plan; undefined for where disks go by default. */
  readonly disks: readonly { readonly name: string | undefined; readonly size: number; readonly sr: string | undefined }[];
  /** Numbers of networks: of the plan's, or where it names none, of those of the NICs. */
  readonly networks: readonly number[];
  readonly cd: boolean;
  readonly tools: boolean;
  readonly host: number | undefined;
}

/** An emulated pool as its owner asked for it, with everything filled in that was left out. */
export interface EmulatedPlan {
  readonly hosts: readonly PlannedHost[];
  /** Networks that somebody described; none where only their number was said. */
  readonly networks: readonly NetworkInput[];
  readonly srs: readonly PlannedSr[];
  readonly vms: readonly PlannedGroup[];
  readonly delays: Delays;
  readonly tools: boolean;
  readonly seed: string | undefined;
  readonly faults: readonly FaultRule[];
}

/** Tells what is wrong with a key, such as `vms.0.disks.1.sr`. */
export type Complain = (key: string, message: string) => void;

/** Fills in what was left out, and checks what only shows when all is known. The plan is of no use after a complaint. */
export function completePlan(input: EmulateInput, complain: Complain): EmulatedPlan {
  const groups = groupsOf(input, complain);
  const count = typeof input.hosts === 'object' ? input.hosts.length : (input.hosts ?? 1);
  const alive = groups.reduce((sum, { memory, states }) => sum + memory * (states.running + states.suspended + states.paused), 0);
  const hosts = hostsOf(input, input['host-memory'] ?? enoughMemory(alive / Math.max(1, count)));
  if (hosts.length === 0) complain('hosts', 'a pool needs a host');
  const networks = typeof input.networks === 'object' ? input.networks : [];
  checkNetworks(networks, hosts, complain);
  const needed = groups.reduce((sum, group) => sum + group.count * group.disks.reduce((all, { size }) => all + size, 0), 0);
  const size = input['sr-size'] ?? Math.max(2 * TiB, Math.ceil((2 * needed) / GiB) * GiB);
  const srs = typeof input.srs === 'object' ? input.srs.map((one) => plannedSr(one, size)) : usualSrs(input.srs ?? 1, size);
  for (const [i, { host }] of srs.entries())
    if (host !== undefined && host >= hosts.length) complain(`srs.${i}.host`, `there is no host ${host}: the first one is 0`);
  const names = networks.length > 0 ? networks.map(({ name }) => name) : [];
  const vms = groups.map((group, i) => ({ ...group, networks: networksOf(input, i, hosts, names, complain) }));
  checkGroups(vms, hosts, srs, complain);
  const { tools = true, seed, faults = [] } = input;
  return { hosts, networks, srs, vms, delays: delaysOf(input), tools, seed, faults };
}

function delaysOf({ delay = 0, delays = {} }: EmulateInput): Delays {
  const { 'host-boot': hostBoot, ...named } = delays;
  const own = Object.fromEntries(Object.entries({ ...named, hostBoot }).filter(([, time]) => time !== undefined));
  const all = { start: delay, shutdown: delay, reboot: delay, suspend: delay, resume: delay, migrate: delay, hostBoot: delay };
  return { ...NO_DELAYS, ...all, ...own };
}

/** Memory in bytes of a host for which nobody gave it: so much that its share of the VMs can live. */
function enoughMemory(guests: number): number {
  const usual = 64 * GiB;
  // Overheads of guests and what the host itself needs: an eighth and twelve GiB are more than both.
  return usual * Math.max(1, Math.ceil((guests * 1.125 + 12 * GiB) / usual));
}

function hostsOf(input: EmulateInput, memory: number): PlannedHost[] {
  const given: readonly HostInput[] =
    typeof input.hosts === 'object' ? input.hosts : Array.from({ length: input.hosts ?? 1 }, () => ({}));
  const nics = usualNics(input);
  return given.map((host, i) => {
    const hostname = host.hostname ?? `host-${i + 1}`;
    return {
      name: host.name ?? hostname,
      hostname,
      memory: host.memory ?? memory,
      cpus: host.cpus ?? input['host-cpus'] ?? 16,
      nics: typeof host.nics === 'object' ? host.nics : alike(host.nics ?? nics, { carrier: true, speed: 10_000 }),
    };
  });
}

/** NICs of a host for which nobody said: as many as the networks need. */
function usualNics({ networks = 1 }: EmulateInput): number {
  return typeof networks === 'number' ? networks : Math.max(1, ...networks.map(({ nic = 0 }) => nic + 1));
}

function alike<T>(count: number, one: T): readonly T[] {
  return Array.from({ length: count }, () => one);
}

function checkNetworks(networks: readonly NetworkInput[], hosts: readonly PlannedHost[], complain: Complain): void {
  const taken = new Set<string>();
  const names = new Set<string>();
  for (const [i, { name, nic, vlan }] of networks.entries()) {
    if (names.has(name)) complain(`networks.${i}.name`, `there is another network named ${name}`);
    names.add(name);
    if (nic === undefined) {
      if (vlan !== undefined) complain(`networks.${i}.vlan`, 'a VLAN needs a nic');
      continue;
    }
    if (hosts.some(({ nics }) => nic >= nics.length)) complain(`networks.${i}.nic`, `not every host has a NIC ${nic}`);
    if (taken.has(`${nic}/${vlan}`)) complain(`networks.${i}.nic`, 'another network leads there');
    taken.add(`${nic}/${vlan}`);
  }
}

function plannedSr({ shared, size, 'device-config': config, ...sr }: SrInput, usual: number): PlannedSr {
  return {
    ...sr,
    shared: shared ?? (sr.host === undefined && (DRIVERS.get(sr.type)?.shareable ?? false)),
    size: size ?? usual,
    deviceConfig: config && new Map(Object.entries(config)),
  };
}

/** What an installer makes on each host, and shared SRs. */
function usualSrs(shared: number, size: number): PlannedSr[] {
  const common = { description: '', size, images: [], deviceConfig: undefined };
  return [
    { ...common, name: 'Local storage', type: 'lvm', shared: false },
    ...Array.from({ length: shared }, (_, i) => ({
      ...common,
      name: i === 0 ? 'NFS virtual disk storage' : `NFS virtual disk storage ${i + 1}`,
      type: 'nfs',
      shared: true,
    })),
  ];
}

/** Where disks go for which nobody says: the first shared SR for disks, else the first one. */
export function standardSr(srs: readonly PlannedSr[]): PlannedSr | undefined {
  return srs.find((sr) => sr.shared && isForDisks(sr)) ?? srs.find(isForDisks);
}

/** Whether disks of VMs can be in it. */
function isForDisks({ type }: Pick<PlannedSr, 'type'>): boolean {
  const driver = DRIVERS.get(type);
  return driver?.writable === true && driver.contentType === 'user';
}

function groupsOf(input: EmulateInput, complain: Complain): Omit<PlannedGroup, 'networks'>[] {
  const { vms = 0, running = 0, suspended = 0 } = input;
  if (typeof vms === 'object') {
    for (const key of ['running', 'suspended'] as const)
      if (input[key] !== undefined) complain(key, 'is said in the groups of vms, where vms is a list');
    if (vms.reduce((sum, { count }) => sum + count, 0) > MOST_VMS) complain('vms', `more than ${MOST_VMS} VMs`);
    return vms.map((group, i) => plannedGroup(input, group, vms.length > 1 ? `vm-${i + 1}-{n}` : 'vm-{n}'));
  }
  if (running + suspended > vms) complain('running', `running=${running} and suspended=${suspended} are more than vms=${vms}`);
  return vms === 0 ? [] : [plannedGroup(input, { count: vms, running, suspended, description: '', cd: true }, 'vm-{n}')];
}

function plannedGroup(input: EmulateInput, group: GroupInput, usualName: string): Omit<PlannedGroup, 'networks'> {
  const { count, description, template, state, cd, tools, host } = group;
  const size = input['vm-disk'] ?? 8 * GiB;
  const disks = group.disks ?? (size === 0 ? 0 : 1);
  const name = group.name ?? usualName;
  return {
    count,
    name: count > 1 && !name.includes('{n}') ? `${name}-{n}` : name,
    description,
    template,
    states: {
      running: state === 'Running' ? count : (group.running ?? 0),
      suspended: state === 'Suspended' ? count : (group.suspended ?? 0),
      paused: state === 'Paused' ? count : (group.paused ?? 0),
    },
    memory: group.memory ?? input['vm-memory'] ?? GiB,
    vcpus: group.vcpus ?? input['vm-vcpus'] ?? 1,
    disks:
      typeof disks === 'number'
        ? alike(disks, { name: undefined, size, sr: undefined })
        : disks.map((disk) => ({ name: disk.name, size: disk.size ?? size, sr: disk.sr })),
    cd,
    tools: tools ?? input.tools ?? true,
    host,
  };
}

function networksOf(
  { vms }: EmulateInput,
  index: number,
  hosts: readonly PlannedHost[],
  names: readonly string[],
  complain: Complain,
): readonly number[] {
  const wanted = (typeof vms === 'object' ? vms[index]?.networks : undefined) ?? 1;
  if (typeof wanted === 'number') {
    const there = names.length || Math.min(...hosts.map(({ nics }) => nics.length));
    return Array.from({ length: wanted }, (_, i) => i % Math.max(1, there));
  }
  return wanted.map((name, i) => {
    if (!names.includes(name)) complain(`vms.${index}.networks.${i}`, `there is no network named ${name} in networks`);
    return names.indexOf(name);
  });
}

function checkGroups(
  groups: readonly PlannedGroup[],
  hosts: readonly PlannedHost[],
  srs: readonly PlannedSr[],
  complain: Complain,
): void {
  for (const [i, { disks, host }] of groups.entries()) {
    if (host !== undefined && host >= hosts.length) complain(`vms.${i}.host`, `there is no host ${host}: the first one is 0`);
    if (disks.length > 0 && !srs.some(isForDisks)) complain('srs', 'there is none for the disks of the VMs');
    const owners = new Set<number>();
    for (const [at, { sr }] of disks.entries()) {
      const found = sr === undefined ? standardSr(srs) : srs.find((one) => one.name === sr && isForDisks(one));
      if (!found && sr !== undefined) complain(`vms.${i}.disks.${at}.sr`, `there is no SR for disks named ${sr}`);
      if (found?.host !== undefined) owners.add(found.host);
    }
    const [owner, other] = owners;
    if (other !== undefined) complain(`vms.${i}.disks`, 'are on SRs of different hosts');
    else if (host !== undefined && owner !== undefined && owner !== host)
      complain(`vms.${i}.disks`, `are on an SR that host ${host} does not have`);
  }
}
