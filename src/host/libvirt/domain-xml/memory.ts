import type { Section } from './section.js';
import { attribute, child, type Element, put, tag } from './xml.js';

const KIB = 1024;

/** Bytes in each unit that libvirt takes. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['bytes', 1],
  ['KB', 1e3],
  ['k', KIB],
  ['KiB', KIB],
  ['MB', 1e6],
  ['M', KIB ** 2],
  ['MiB', KIB ** 2],
  ['GB', 1e9],
  ['G', KIB ** 3],
  ['GiB', KIB ** 3],
  ['TB', 1e12],
  ['T', KIB ** 4],
  ['TiB', KIB ** 4],
]);

/** KiB that the guest can have, and that the balloon leaves it. */
interface Memory {
  readonly most: number;
  /** Undefined for a domain that lives: what its balloon leaves at the moment is not what it was told. */
  readonly now: number | undefined;
}

/** Memory: the static maximum is what the guest sees, the target what its balloon leaves of it. */
export const memory: Section<Memory> = {
  express: ({ memory: { staticMax, target } }) => {
    const most = Math.ceil(staticMax / KIB);
    return { most, now: Math.min(most, Math.ceil(target / KIB)) };
  },
  read: (domain) => {
    const most = amount(child(domain, 'memory')) ?? 0;
    const now = amount(child(domain, 'currentMemory')) ?? most;
    return { most, now: attribute(domain, 'id') === undefined ? now : undefined };
  },
  agrees: (expressed, found) => expressed.most === found.most && (found.now === undefined || expressed.now === found.now),
  interpret: ({ most, now }, settings) => {
    const kept = settings.memory;
    const staticMax = most === Math.ceil(kept.staticMax / KIB) ? kept.staticMax : most * KIB;
    const target = targetOf(now, kept.target, staticMax);
    const dynamicMax = Math.min(staticMax, Math.max(kept.dynamicMax, target));
    return { ...settings, memory: { staticMax, dynamicMax, dynamicMin: Math.min(kept.dynamicMin, target), target } };
  },
  write: (domain, { most, now = most }, _, before) => {
    if (most !== before?.most) put(domain, tag('memory', { unit: 'KiB' }, String(most)));
    if (now !== before?.now) put(domain, tag('currentMemory', { unit: 'KiB' }, String(now)));
  },
};

function targetOf(now: number | undefined, kept: number, staticMax: number): number {
  // Nothing was kept of a domain of other origin.
  if (now === undefined) return kept === 0 ? staticMax : Math.min(kept, staticMax);
  return Math.min(staticMax, now === Math.ceil(kept / KIB) ? kept : now * KIB);
}

function amount(element: Element | undefined): number | undefined {
  if (!element) return undefined;
  const unit = UNITS.get(attribute(element, 'unit') ?? 'KiB') ?? KIB;
  const value = Number((element.textContent ?? '').trim());
  return Number.isFinite(value) ? Math.ceil((value * unit) / KIB) : undefined;
}
