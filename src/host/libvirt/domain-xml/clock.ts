import type { Section } from './section.js';
import { isTrue, withPlatform } from './settings.js';
import { append, attribute, child, children, type Element, ensure, set, tag } from './xml.js';

interface Clock {
  readonly offset: string;
  /** Seconds from UTC, as the guest last set its clock. */
  readonly adjustment: string | undefined;
  readonly basis: string | undefined;
  /** Whether Windows may read the time without leaving the guest. */
  readonly hyperv: boolean;
}

/** What the guest's clock shows. Windows takes it for local time. */
export const clock: Section<Clock> = {
  express: ({ platform }, { type }) => {
    const hyperv = type === 'kvm' && isTrue(platform.get('viridian'));
    const adjustment = platform.get('timeoffset') ?? '';
    if (/^[+-]?\d{1,9}$/.test(adjustment))
      return { offset: 'variable', adjustment: String(Number(adjustment)), basis: 'utc', hyperv };
    const local = isTrue(platform.get('localtime') ?? platform.get('viridian'));
    return { offset: local ? 'localtime' : 'utc', adjustment: undefined, basis: undefined, hyperv };
  },
  read: (domain) => {
    const element = child(domain, 'clock');
    const offset = attribute(element, 'offset') ?? 'utc';
    const variable = offset === 'variable';
    const timer = children(element, 'timer').find((one) => attribute(one, 'name') === 'hypervclock');
    return {
      offset,
      adjustment: variable ? (attribute(element, 'adjustment') ?? '0') : undefined,
      basis: variable ? (attribute(element, 'basis') ?? 'utc') : undefined,
      hyperv: attribute(timer, 'present') === 'yes',
    };
  },
  interpret: ({ offset, adjustment, basis }, settings) => {
    const local = offset === 'localtime' || basis === 'localtime';
    const usual = isTrue(settings.platform.get('viridian'));
    return withPlatform(settings, {
      timeoffset: basis === 'utc' && adjustment !== undefined && /^-?\d{1,9}$/.test(adjustment) ? adjustment : undefined,
      localtime: local === usual ? undefined : String(local),
    });
  },
  write: (domain, { hyperv, ...time }, _, before) => {
    const element = ensure(domain, 'clock');
    const { offset, adjustment, basis } = time;
    const same = offset === before?.offset && adjustment === before.adjustment && basis === before.basis;
    if (!same) set(element, { ...time, timezone: undefined });
    if (hyperv !== before?.hyperv) writeTimer(element, hyperv);
  },
};

function writeTimer(element: Element, present: boolean): void {
  for (const one of children(element, 'timer')) if (attribute(one, 'name') === 'hypervclock') element.removeChild(one);
  if (present) append(element, tag('timer', { name: 'hypervclock', present: 'yes' }));
}
