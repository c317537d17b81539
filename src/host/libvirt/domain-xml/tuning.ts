import { formatCpuSet, parseCpuSet, parseCpuSets } from './cpu-set.js';
import type { Section } from './section.js';
import { type Settings, type Traits, withEntries } from './settings.js';
import { append, attribute, child, children, type Element, ensure, put, remove, set, tag, textOf } from './xml.js';

interface Tuning {
  readonly shares: number | undefined;
  /** Microseconds of CPU time in each period that the whole domain gets. */
  readonly quota: number | undefined;
  /** CPUs of the host on which all of it may run. */
  readonly cpus: string | undefined;
  /** Those of each virtual CPU. */
  readonly pins: readonly string[];
  readonly nodes: string | undefined;
}

/** Microseconds over which a cap is enforced: the kernel's default. */
const PERIOD = 100_000;
/** What the model takes for usual, and what the kernel does. */
const USUAL_WEIGHT = 256;
const SHARES = { 1: { usual: 1024, least: 2, most: 262_144 }, 2: { usual: 100, least: 1, most: 10_000 } } as const;

/** Weight, cap and pinning of CPUs, and nodes of memory: the keys of `VCPUs_params`. */
export const tuning: Section<Tuning> = {
  express: ({ vcpus: { max, params } }, traits) => {
    const weight = positive(params.get('weight'));
    const cap = positive(params.get('cap'));
    const masks = masksOf(params.get('mask'));
    const nodes = parseCpuSet(params.get('numa-nodes') ?? '');
    return {
      shares: weight && sharesOf(weight, traits),
      quota: cap && (cap * PERIOD) / 100,
      cpus: masks.length === 1 ? masks[0] : undefined,
      // Virtual CPUs for which there is no mask have the last one.
      pins: masks.length > 1 ? Array.from({ length: max }, (_, i) => masks[Math.min(i, masks.length - 1)] ?? '') : [],
      nodes: nodes && formatCpuSet(nodes),
    };
  },
  read: (domain) => {
    const element = child(domain, 'cputune');
    const period = positive(textOf(element, 'global_period')) ?? PERIOD;
    const quota = positive(textOf(element, 'global_quota'));
    const pinned = new Map(children(element, 'vcpupin').map((one) => [Number(attribute(one, 'vcpu')), canonical(one, 'cpuset')]));
    return {
      shares: positive(textOf(element, 'shares')),
      quota: quota && Math.round((quota * PERIOD) / period),
      cpus: canonical(child(domain, 'vcpu'), 'cpuset'),
      pins: [...pinned].sort(([a], [b]) => a - b).map(([, cpus]) => cpus ?? ''),
      nodes: canonical(child(domain, 'numatune', 'memory'), 'nodeset'),
    };
  },
  interpret: (found, settings, traits) => {
    const expressed = tuning.express(settings, traits);
    const changes: Record<string, string | undefined> = {};
    if (found.shares !== expressed.shares)
      changes.weight = found.shares === undefined ? undefined : String(weightOf(found.shares, traits));
    if (found.quota !== expressed.quota)
      changes.cap = found.quota === undefined ? undefined : String(Math.max(1, Math.round((found.quota * 100) / PERIOD)));
    if (found.cpus !== expressed.cpus || found.pins.join(';') !== expressed.pins.join(';')) changes.mask = maskOf(found);
    if (found.nodes !== expressed.nodes) changes['numa-nodes'] = found.nodes;
    return withParameters(settings, changes);
  },
  write: (domain, wanted, _, before) => {
    writeTune(domain, wanted, before);
    if (wanted.cpus !== before?.cpus) set(ensure(domain, 'vcpu'), { cpuset: wanted.cpus });
    if (wanted.nodes !== before?.nodes) writeNodes(domain, wanted.nodes);
  },
};

function positive(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*[1-9]\d{0,8}\s*$/.test(value) ? Number(value) : undefined;
}

function masksOf(mask = ''): readonly string[] {
  return parseCpuSets(mask).map(formatCpuSet);
}

function maskOf({ cpus, pins }: Tuning): string | undefined {
  const texts = pins.length && pins.every((one) => one !== '') ? pins : cpus === undefined ? [] : [cpus];
  // The model has lists only, no ranges.
  return texts.length ? texts.map((one) => parseCpuSet(one)?.join(',') ?? '').join(';') : undefined;
}

function canonical(element: Element | undefined, name: string): string | undefined {
  const numbers = parseCpuSet(attribute(element, name) ?? '');
  return numbers && formatCpuSet(numbers);
}

function sharesOf(weight: number, { controlGroups }: Traits): number {
  const { usual, least, most } = SHARES[controlGroups];
  return Math.min(most, Math.max(least, Math.round((weight * usual) / USUAL_WEIGHT)));
}

function weightOf(shares: number, { controlGroups }: Traits): number {
  return Math.min(65_535, Math.max(1, Math.round((shares * USUAL_WEIGHT) / SHARES[controlGroups].usual)));
}

function withParameters(settings: Settings, changes: Readonly<Record<string, string | undefined>>): Settings {
  return { ...settings, vcpus: { ...settings.vcpus, params: withEntries(settings.vcpus.params, changes) } };
}

function writeTune(domain: Element, { shares, quota, pins }: Tuning, before: Tuning | undefined): void {
  const element = ensure(domain, 'cputune');
  if (shares !== before?.shares) {
    remove(element, 'shares');
    if (shares !== undefined) append(element, tag('shares', {}, String(shares)));
  }
  if (pins.join(';') !== before?.pins.join(';')) {
    remove(element, 'vcpupin');
    for (const [vcpu, cpuset] of pins.entries()) append(element, tag('vcpupin', { vcpu, cpuset }));
  }
  if (quota !== before?.quota) {
    remove(element, 'global_period', 'global_quota');
    if (quota !== undefined) append(element, tag('global_period', {}, String(PERIOD)));
    if (quota !== undefined) append(element, tag('global_quota', {}, String(quota)));
  }
  dropEmpty(domain, 'cputune');
}

function writeNodes(domain: Element, nodeset: string | undefined): void {
  if (nodeset === undefined) remove(child(domain, 'numatune'), 'memory');
  else put(ensure(domain, 'numatune'), tag('memory', { mode: 'strict', nodeset }));
  dropEmpty(domain, 'numatune');
}

function dropEmpty(domain: Element, name: string): void {
  if (!children(child(domain, name)).length) remove(domain, name);
}
