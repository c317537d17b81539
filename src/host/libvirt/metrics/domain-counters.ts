import type { DomainRef, TypedParameter } from 'node-libvirt';

/** What libvirt calls a running domain, and a virtual CPU that runs. */
export const RUNNING = 1;

/** What a virtual CPU has used. Time in nanoseconds. */
export interface VcpuCounters {
  readonly number: number;
  readonly running: boolean;
  readonly time: number | undefined;
}

/** What a network card of a guest has counted, as the guest sees it; by the name of its device on the host. */
export interface NicCounters {
  readonly target: string;
  readonly values: ReadonlyMap<string, number>;
}

/** What a disk of a guest has counted; by the name that libvirt has for it. */
export interface DiskCounters {
  readonly target: string;
  readonly values: ReadonlyMap<string, number>;
}

/** What libvirt says of a domain at one moment. What it cannot tell just now, because the domain is busy, is missing. */
export interface DomainCounters extends DomainRef {
  readonly state: number | undefined;
  /** Nanoseconds of all its threads. */
  readonly cpuTime: number | undefined;
  /** KiB. */
  readonly memory: number | undefined;
  readonly memoryMaximum: number | undefined;
  readonly memoryUnused: number | undefined;
  readonly vcpus: readonly VcpuCounters[];
  readonly nics: readonly NicCounters[];
  readonly disks: readonly DiskCounters[];
}

interface Numbered {
  name: string | undefined;
  readonly values: Map<string, number>;
}

const NUMBERED = /^(vcpu|net|block)\.(\d+)\.(.+)$/;

/** Sorts the statistics of one domain. */
export function readDomainCounters({ name, uuid, id }: DomainRef, params: readonly TypedParameter[]): DomainCounters {
  const single = new Map<string, number>();
  const groups = { vcpu: new Map<number, Numbered>(), net: new Map<number, Numbered>(), block: new Map<number, Numbered>() };
  for (const { field, value } of params) {
    const [, group, number, rest] = NUMBERED.exec(field) ?? [];
    if (group === undefined || rest === undefined) {
      if (typeof value === 'number') single.set(field, value);
      continue;
    }
    const one = entry(groups[group as keyof typeof groups], Number(number));
    if (typeof value === 'number') one.values.set(rest, value);
    else if (rest === 'name' && typeof value === 'string') one.name = value;
  }
  const named = (group: Map<number, Numbered>) =>
    [...group.values()].flatMap(({ name: target, values }) => (target === undefined ? [] : [{ target, values }]));
  return {
    name,
    uuid,
    id,
    state: single.get('state.state'),
    cpuTime: single.get('cpu.time'),
    memory: single.get('balloon.current'),
    memoryMaximum: single.get('balloon.maximum'),
    memoryUnused: single.get('balloon.unused'),
    vcpus: [...groups.vcpu].map(([number, { values }]) => ({
      number,
      running: values.get('state') === RUNNING,
      time: values.get('time'),
    })),
    nics: named(groups.net),
    disks: named(groups.block),
  };
}

function entry(group: Map<number, Numbered>, number: number): Numbered {
  let found = group.get(number);
  if (!found) {
    found = { name: undefined, values: new Map() };
    group.set(number, found);
  }
  return found;
}
