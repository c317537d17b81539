import type { Section } from './section.js';
import { isTrue, withPlatform } from './settings.js';
import { append, attribute, child, children, ensure, remove, set, tag } from './xml.js';

interface Cpu {
  readonly type: string;
  /** Whether guests may run on the guest. */
  readonly nested: boolean;
}

/** Features of the CPUs of both makers with which a guest runs guests. */
const NESTING = ['vmx', 'svm'];

/** Type of the domain and kind of its CPUs. */
export const cpu: Section<Cpu> = {
  express: ({ platform }, { type }) => ({
    type,
    nested: type === 'kvm' && (isTrue(platform.get('nested-virt')) || isTrue(platform.get('exp-nested-hvm'))),
  }),
  read: (domain) => ({
    type: attribute(domain, 'type') ?? '',
    nested: children(child(domain, 'cpu'), 'feature').some(
      (one) => NESTING.includes(attribute(one, 'name') ?? '') && !['disable', 'forbid'].includes(attribute(one, 'policy') ?? ''),
    ),
  }),
  interpret: ({ nested }, settings) =>
    withPlatform(settings, { 'nested-virt': nested ? 'true' : undefined, 'exp-nested-hvm': undefined }),
  write: (domain, { type, nested }) => {
    const changed = attribute(domain, 'type') !== type;
    set(domain, { type });
    const element = ensure(domain, 'cpu');
    // The host's own model, with features that all of a pool have, can be moved. What emulation offers is the same everywhere.
    if (changed || attribute(element, 'mode') === undefined) {
      remove(element, 'model', 'vendor', 'feature');
      set(element, type === 'kvm' ? { mode: 'host-model', check: 'partial' } : { mode: 'maximum', check: 'none' });
    }
    for (const one of children(element, 'feature')) if (NESTING.includes(attribute(one, 'name') ?? '')) element.removeChild(one);
    if (type !== 'kvm') return;
    // Only one of the two is there on any host: that is for libvirt to find out.
    for (const name of NESTING) append(element, tag('feature', { policy: nested ? 'optional' : 'disable', name }));
  },
};
