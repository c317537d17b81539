import type { Section } from './section.js';
import { type Settings, withPlatform } from './settings.js';
import { append, attribute, child, type Element, ensure, put, remove, set, tag } from './xml.js';

interface Vcpus {
  readonly max: number;
  readonly online: number;
  /** Undefined: the description says nothing of sockets and cores. */
  readonly coresPerSocket: number | undefined;
}

/** Virtual CPUs: how many there can be and are at first, and how they stand in sockets. */
export const vcpus: Section<Vcpus> = {
  express: ({ vcpus: { max, online }, platform }) => ({
    max,
    online: Math.max(1, Math.min(online, max)),
    coresPerSocket: divisor(platform.get('cores-per-socket'), max),
  }),
  read: (domain) => {
    const vcpu = child(domain, 'vcpu');
    const max = whole(vcpu?.textContent) ?? 1;
    const topology = child(domain, 'cpu', 'topology');
    return {
      max,
      online: whole(attribute(vcpu, 'current')) ?? max,
      coresPerSocket: topology && coresOf(topology),
    };
  },
  interpret: (found, settings, traits) => {
    const { max, online } = found;
    const counted: Settings = { ...settings, vcpus: { ...settings.vcpus, max, online } };
    if (vcpus.express(counted, traits).coresPerSocket === found.coresPerSocket) return counted;
    // Some clients write the key into every VM that lacks it.
    return withPlatform(counted, { 'cores-per-socket': String(found.coresPerSocket ?? 1) });
  },
  write: (domain, wanted, _, before) => {
    if (wanted.max !== before?.max || wanted.online !== before.online) writeCount(domain, wanted);
    if (wanted.max !== before?.max || wanted.coresPerSocket !== before.coresPerSocket) writeTopology(domain, wanted);
  },
};

function divisor(value: string | undefined, max: number): number | undefined {
  const cores = whole(value);
  return cores !== undefined && cores >= 1 && max % cores === 0 ? cores : undefined;
}

function whole(value: string | null | undefined): number | undefined {
  return value && /^\s*\d{1,6}\s*$/.test(value) ? Number(value) : undefined;
}

/** Threads are cores to the model. */
function coresOf(topology: Element): number {
  return ['dies', 'clusters', 'cores', 'threads'].reduce((product, name) => product * (whole(attribute(topology, name)) ?? 1), 1);
}

/** All but the first can be taken away from a running guest: only those that are listed so can. */
function writeCount(domain: Element, { max, online }: Vcpus): void {
  const vcpu = ensure(domain, 'vcpu');
  vcpu.textContent = String(max);
  set(vcpu, { placement: attribute(vcpu, 'placement') ?? 'static', current: online < max ? online : undefined });
  remove(domain, 'vcpus');
  if (max === 1) return;
  const one = (id: number) => {
    const enabled = id < online;
    return tag('vcpu', {
      id,
      enabled: enabled ? 'yes' : 'no',
      hotpluggable: id === 0 ? 'no' : 'yes',
      order: enabled ? id + 1 : undefined,
    });
  };
  append(domain, tag('vcpus', {}, ...Array.from({ length: max }, (_, id) => one(id))));
}

function writeTopology(domain: Element, { max, coresPerSocket }: Vcpus): void {
  const cpu = child(domain, 'cpu');
  if (coresPerSocket === undefined) {
    // One that does not make as many as there are is refused.
    remove(cpu, 'topology');
    return;
  }
  put(
    cpu ?? ensure(domain, 'cpu'),
    tag('topology', { sockets: max / coresPerSocket, dies: 1, cores: coresPerSocket, threads: 1 }),
  );
}
