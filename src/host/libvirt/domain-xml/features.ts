import type { Section } from './section.js';
import { isTrue, type Settings, withPlatform } from './settings.js';
import { append, attribute, child, children, type Element, ensure, remove, tag } from './xml.js';

const SWITCHES = ['acpi', 'apic', 'pae'] as const;

interface Features {
  readonly acpi: boolean;
  readonly apic: boolean;
  readonly pae: boolean;
  /** What Windows gets of the hypervisor that it knows. Sorted. */
  readonly hyperv: readonly string[];
}

/** What every Windows gets. */
const ALWAYS = ['relaxed', 'runtime', 'spinlocks', 'synic', 'vpindex'];

/** What can be turned on or off for one VM: the key of `platform`, and what it says where it is absent. */
const OPTIONAL: readonly { readonly key: string; readonly absent: boolean; readonly features: readonly string[] }[] = [
  { key: 'viridian_apic_assist', absent: true, features: ['vapic'] },
  { key: 'viridian_stimer', absent: false, features: ['stimer'] },
  { key: 'viridian_reference_tsc', absent: true, features: ['frequencies'] },
  { key: 'viridian_hcall_remote_tlb_flush', absent: true, features: ['tlbflush'] },
  { key: 'viridian_hcall_ipi', absent: true, features: ['ipi'] },
];

/** How often a Windows tries a lock before it says so: what Windows asks for at least. */
const SPINLOCK_RETRIES = 8191;

/** Firmware tables, interrupt controllers, and what Windows gets of the hypervisor that it knows. */
export const features: Section<Features> = {
  express: ({ platform }, { type }) => ({
    acpi: isTrue(platform.get('acpi') ?? 'true'),
    apic: isTrue(platform.get('apic') ?? 'true'),
    pae: isTrue(platform.get('pae') ?? 'true'),
    hyperv: type === 'kvm' && isTrue(platform.get('viridian')) ? enlightenments(platform) : [],
  }),
  read: (domain) => {
    const element = child(domain, 'features');
    const on = children(child(element, 'hyperv')).filter((one) => attribute(one, 'state') === 'on');
    return {
      acpi: child(element, 'acpi') !== undefined,
      apic: child(element, 'apic') !== undefined,
      pae: child(element, 'pae') !== undefined,
      hyperv: on.map(({ nodeName }) => nodeName).sort(),
    };
  },
  interpret: (found, settings, traits) => {
    const expressed = features.express(settings, traits);
    const changes: Record<string, string | undefined> = {};
    for (const name of SWITCHES) if (expressed[name] !== found[name]) changes[name] = String(found[name]);
    return withHyperv(withPlatform(settings, changes), found.hyperv, expressed.hyperv);
  },
  write: (domain, wanted, _, before) => {
    const element = ensure(domain, 'features');
    for (const name of SWITCHES) {
      if (wanted[name] === before?.[name]) continue;
      if (wanted[name]) ensure(element, name);
      else remove(element, name);
    }
    if (wanted.hyperv.join() !== before?.hyperv.join()) writeHyperv(element, wanted.hyperv);
  },
};

function enlightenments(platform: ReadonlyMap<string, string>): readonly string[] {
  const chosen = OPTIONAL.filter(({ key, absent }) => isTrue(platform.get(key) ?? String(absent)));
  return [...ALWAYS, ...chosen.flatMap((one) => one.features)].sort();
}

function withHyperv(settings: Settings, found: readonly string[], expressed: readonly string[]): Settings {
  if (found.join() === expressed.join()) return settings;
  const changes: Record<string, string | undefined> = { viridian: String(found.length > 0) };
  for (const { key, absent, features: of } of found.length ? OPTIONAL : []) {
    const on = of.every((one) => found.includes(one));
    changes[key] = on === absent ? undefined : String(on);
  }
  return withPlatform(settings, changes);
}

function writeHyperv(element: Element, wanted: readonly string[]): void {
  const old = child(element, 'hyperv');
  if (!wanted.length) {
    remove(element, 'hyperv');
    return;
  }
  const hyperv = old ?? append(element, tag('hyperv', { mode: 'custom' }));
  const known = new Set([...ALWAYS, ...OPTIONAL.flatMap((one) => one.features)]);
  for (const one of children(hyperv)) if (known.has(one.nodeName)) hyperv.removeChild(one);
  for (const name of wanted)
    append(hyperv, tag(name, { state: 'on', retries: name === 'spinlocks' ? SPINLOCK_RETRIES : undefined }));
}
