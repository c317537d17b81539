import type { z } from 'zod';
import { type Delays, NO_DELAYS } from './compute/options.js';
import { controlDomainMemory } from './facts.js';
import type { FaultRule } from './faults.js';
import type { HostOptions, SrOptions } from './layout.js';
import { type HostInput, nicSchema, type PlanInput, planSchema, type VmGroupInput, vmGroupSchema } from './plan-schema.js';
import { defaultSrs, srOptions } from './plan-storage.js';
import type { WorldOptions } from './world.js';

/** A network that the pool has from the start, over all hosts. */
export interface NetworkPlan {
  readonly name: string;
  readonly description: string;
  /** Number of the card of each host that it is connected to; undefined for one inside a host. */
  readonly nic: number | undefined;
  readonly vlan: number | undefined;
  readonly mtu: number;
}

/** A disk of a VM. Size in bytes. */
export interface DiskPlan {
  readonly name: string;
  readonly size: number;
  /** Name of its SR; undefined for the default one of the pool. */
  readonly sr: string | undefined;
}

export type PlannedState = 'Running' | 'Halted' | 'Paused' | 'Suspended';

/** A VM that is there from the start. Memory in bytes. */
export interface VmPlan {
  readonly name: string;
  readonly description: string;
  readonly state: PlannedState;
  readonly vcpus: number;
  readonly memory: number;
  readonly disks: readonly DiskPlan[];
  /** Names of the networks of its cards. */
  readonly nics: readonly string[];
  /** Whether it has a CD drive, empty. */
  readonly cd: boolean;
  readonly tools: boolean;
  readonly platform: ReadonlyMap<string, string>;
  readonly bootParams: ReadonlyMap<string, string>;
  readonly otherConfig: ReadonlyMap<string, string>;
}

/** An emulated pool as its owner asked for it, with everything that was left out filled in. */
export interface Plan {
  readonly hosts: readonly HostOptions[];
  readonly srs: readonly SrOptions[];
  /** Name of the SR for disks that name none: the pool's default SR. */
  readonly defaultSr: string | undefined;
  readonly networks: readonly NetworkPlan[];
  readonly vms: readonly VmPlan[];
  readonly delays: Delays;
  readonly faults: readonly FaultRule[];
  readonly tools: boolean;
  readonly seed: string | undefined;
}

/** An emulation file or flag that cannot be used; the message names the key. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

const GIB = 2 ** 30;

/** Reads what an emulation file (already parsed) or `parseEmulateFlag` gives. Throws PlanError. */
export function parsePlan(input: unknown): Plan {
  const parsed = planSchema.safeParse(input ?? {});
  if (!parsed.success) throw new PlanError(parsed.error.issues.map(issueText).join('; '));
  return fillPlan(parsed.data);
}

/** The world that a plan asks for, in the data directory of the daemon. */
export function worldOptions(plan: Plan, dataDir: string): WorldOptions {
  const { hosts, srs, delays, faults, tools, seed } = plan;
  return { dataDir, hosts, srs, delays, faults, tools, ...(seed === undefined ? {} : { seed }) };
}

/** Takes `hosts=2,vms=4,running=2` apart. Throws PlanError. */
export function parseEmulateFlag(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const [key = '', ...value] = part.split('=');
    const name = key.trim();
    if (value.length === 0) throw new PlanError(`emulate: ${JSON.stringify(part)} is not of the form key=value`);
    if (Object.hasOwn(found, name)) throw new PlanError(`emulate.${name}: is given twice`);
    Object.defineProperty(found, name, { value: value.join('=').trim(), enumerable: true });
  }
  return found;
}

function issueText(issue: z.core.$ZodIssue): string {
  const key = ['emulate', ...issue.path.map(String)].join('.');
  // Of several forms the one that came furthest tells what is wrong.
  if (issue.code === 'invalid_union') {
    const deepest = [...issue.errors.flat()].sort((a, b) => b.path.length - a.path.length)[0];
    if (deepest !== undefined) return issueText({ ...deepest, path: [...issue.path, ...deepest.path] });
  }
  if (issue.code === 'unrecognized_keys') return `${key}: unknown key ${issue.keys.join(', ')}`;
  return `${key}: ${issue.message}`;
}

function fillPlan(input: PlanInput): Plan {
  const groups = vmGroups(input);
  const nics = nicList(input.nics);
  const wanted = hostList(input);
  const needed = groups.reduce((sum, group) => sum + group.count * group.memory, 0);
  const hosts = wanted.map((host, number) =>
    hostOptions(host, number, nics, input.hostMemory ?? hostMemory(needed / wanted.length)),
  );
  const givenSrs = typeof input.srs === 'object' ? input.srs : undefined;
  for (const [index, { host }] of (givenSrs ?? []).entries()) {
    if (host !== undefined && host >= hosts.length) throw new PlanError(`emulate.srs.${index}.host: there is no host ${host}`);
  }
  const disks = groups.reduce((sum, group) => sum + group.count * diskList(group).reduce((all, { size }) => all + size, 0), 0);
  const wantedSrs = typeof input.srs === 'number' ? input.srs : hosts.length > 1 ? 2 : 1;
  const srs = givenSrs?.map(srOptions) ?? defaultSrs(wantedSrs, disks);
  const networks = networkList(input, Math.max(...hosts.map((host) => host.nics.length)));
  const defaultSr = (srs.find((sr) => sr.shared && isForDisks(sr)) ?? srs.find(isForDisks))?.name;
  checkNames(groups, srs, networks);
  return {
    hosts,
    srs,
    defaultSr,
    networks,
    vms: groups.flatMap((group, index) => vmPlans(group, index, groups.length, networks, input.tools)),
    delays: delaysOf(input),
    faults: input.faults.map(faultRule),
    tools: input.tools,
    seed: input.seed,
  };
}

function hostList({ hosts }: PlanInput): readonly HostInput[] {
  return typeof hosts === 'number' ? Array.from({ length: hosts }, () => ({})) : hosts;
}

function hostOptions(host: HostInput, number: number, nics: HostOptions['nics'], memory: number): HostOptions {
  return {
    name: host.name ?? host.hostname ?? `host${number + 1}`,
    hostname: host.hostname ?? `host${number + 1}`,
    memory: host.memory ?? memory,
    cpu: host.cpu ?? { sockets: 2, coresPerSocket: 8, threadsPerCore: 2 },
    nics: host.nics === undefined ? nics : nicList(host.nics),
  };
}

/** Memory in bytes of a host for which nobody gave it: so much that its share of the VMs can run. */
function hostMemory(guests: number): number {
  const enough = guests * 1.25 + controlDomainMemory(guests) + 8 * GIB;
  return 64 * GIB * Math.max(1, Math.ceil(enough / (64 * GIB)));
}

function nicList(nics: PlanInput['nics']): HostOptions['nics'] {
  return typeof nics === 'number' ? Array.from({ length: nics }, () => nicSchema.parse({})) : nics;
}

function networkList({ networks }: PlanInput, nics: number): readonly NetworkPlan[] {
  const given = typeof networks === 'object' ? networks.map((one) => ({ ...one, nic: one.nic, vlan: one.vlan })) : undefined;
  if (given !== undefined) {
    for (const [index, { nic, vlan }] of given.entries()) {
      if (nic !== undefined && nic >= nics) throw new PlanError(`emulate.networks.${index}.nic: there is no card ${nic}`);
      if (vlan !== undefined && nic === undefined) throw new PlanError(`emulate.networks.${index}.nic: a VLAN needs a card`);
    }
    return given;
  }
  return Array.from({ length: typeof networks === 'number' ? networks : nics }, (_, index) => {
    const onCard = index < nics;
    return {
      name: onCard ? `Pool-wide network associated with eth${index}` : `VLAN ${100 + index}`,
      description: '',
      nic: onCard ? index : 0,
      vlan: onCard ? undefined : 100 + index,
      mtu: 1500,
    };
  });
}

/** Keys that shape the VMs of the short form, in which `vms` is a number. */
const SHORT_FORM = ['running', 'vcpus', 'memory', 'diskSize'] as const;

function vmGroups(input: PlanInput): readonly VmGroupInput[] {
  const { vms, running, vcpus, memory, diskSize } = input;
  if (typeof vms !== 'number') {
    for (const key of SHORT_FORM) {
      if (input[key] !== undefined) throw new PlanError(`emulate.${key}: belongs into the groups of vms`);
    }
    return Array.isArray(vms) ? vms : [vms];
  }
  const disks = diskSize === undefined ? 1 : [{ size: diskSize }];
  return vms === 0 ? [] : [vmGroupSchema.parse({ count: vms, running, vcpus, memory, disks })];
}

function diskList({
  disks,
}: VmGroupInput): readonly { readonly size: number; readonly sr?: string | undefined; readonly name?: string | undefined }[] {
  return typeof disks === 'number' ? Array.from({ length: disks }, () => ({ size: 8 * GIB })) : disks;
}

function vmPlans(
  group: VmGroupInput,
  index: number,
  groups: number,
  networks: readonly NetworkPlan[],
  tools: boolean,
): readonly VmPlan[] {
  const pattern = groups > 1 && group.name === 'vm-{n}' ? `vm-${index + 1}-{n}` : group.name;
  return Array.from({ length: group.count }, (_, number) => {
    const name = pattern.replaceAll('{n}', String(number + 1));
    return {
      name,
      description: group.description,
      state: stateOf(group, number),
      vcpus: group.vcpus,
      memory: group.memory,
      disks: diskList(group).map((disk, at) => ({ name: disk.name ?? `${name} disk ${at}`, size: disk.size, sr: disk.sr })),
      nics: nicNames(group, networks),
      cd: group.cd,
      tools: group.tools ?? tools,
      platform: platformOf(group.windows),
      bootParams: new Map([
        ['order', 'cdn'],
        ['firmware', group.windows ? 'uefi' : 'bios'],
      ]),
      otherConfig: new Map([
        ['base_template_name', group.windows ? 'Windows Server 2022 (64-bit)' : 'Debian Bookworm 12'],
        ['import_task', 'OpaqueRef:NULL'],
        ['install-methods', group.windows ? 'cdrom' : 'cdrom,nfs,http,ftp'],
        ...(group.windows ? [] : [['linux_template', 'true'] as const]),
      ]),
    };
  });
}

function stateOf({ states, running }: VmGroupInput, number: number): PlannedState {
  if (running !== undefined) return number < running ? 'Running' : 'Halted';
  return states?.[number % states.length] ?? 'Halted';
}

function nicNames({ nics }: VmGroupInput, networks: readonly NetworkPlan[]): readonly string[] {
  if (typeof nics !== 'number') return nics;
  if (networks.length === 0) return [];
  return Array.from({ length: nics }, (_, at) => networks[at % networks.length]?.name ?? '');
}

function platformOf(windows: boolean): ReadonlyMap<string, string> {
  return new Map([
    ['acpi', '1'],
    ['apic', 'true'],
    ['cores-per-socket', '1'],
    ['device-model', 'qemu-upstream-compat'],
    ['device_id', windows ? '0002' : '0001'],
    ['hpet', 'true'],
    ['nx', 'true'],
    ['pae', 'true'],
    ['secureboot', 'auto'],
    ['vga', 'std'],
    ['videoram', '8'],
    ['viridian', String(windows)],
  ]);
}

function isForDisks({ contentType, type }: SrOptions): boolean {
  return contentType !== 'iso' && type !== 'udev';
}

function checkNames(groups: readonly VmGroupInput[], srs: readonly SrOptions[], networks: readonly NetworkPlan[]): void {
  for (const [index, group] of groups.entries()) {
    for (const { sr } of diskList(group)) {
      if (sr !== undefined && !srs.some((one) => one.name === sr && isForDisks(one))) {
        throw new PlanError(`emulate.vms.${index}.disks: there is no SR for disks named ${sr}`);
      }
    }
    for (const name of typeof group.nics === 'number' ? [] : group.nics) {
      if (!networks.some((one) => one.name === name))
        throw new PlanError(`emulate.vms.${index}.nics: there is no network named ${name}`);
    }
    if (diskList(group).length > 0 && !srs.some(isForDisks))
      throw new PlanError('emulate.srs: there is no SR for the disks of the VMs');
  }
}

/** One delay for all power operations, unless one has its own. */
function delaysOf({ delay = 0, delays }: PlanInput): Delays {
  const own = Object.fromEntries(Object.entries(delays).filter(([, ms]) => ms !== undefined));
  const all = { start: delay, shutdown: delay, reboot: delay, suspend: delay, resume: delay, migrate: delay };
  return { ...NO_DELAYS, ...all, ...own };
}

function faultRule({ message, object, probability, error, delay }: PlanInput['faults'][number]): FaultRule {
  return { message, object, probability, ...(error === undefined ? {} : { error }), ...(delay === undefined ? {} : { delay }) };
}
