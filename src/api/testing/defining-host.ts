import type { Compute, DomainSpec, FoundDomain } from '../../host/compute.js';
import type { Host } from '../../host/host.js';
import { ApiError } from '../../model/error.js';

/** A host whose tools keep descriptions of domains, with what somebody does with those tools. */
export interface DefiningHost {
  readonly host: Host;
  /** What is defined now, by uuid. */
  readonly defined: ReadonlyMap<string, FoundDomain>;
  /** Somebody defines a domain or changes one. */
  define(domain: FoundDomain): void;
  /** Somebody undefines a domain. */
  undefine(uuid: string): void;
  /** From now on its libvirt does not answer, or does so again; then it tells of every domain. */
  setAway(isAway: boolean): void;
  /** Domains that are there and cannot be read. */
  readonly unreadable: Set<string>;
  /** How often the gateway has written a description. */
  writes(): number;
}

/** Lets another host keep descriptions. */
export function definingHost(inner: Host): DefiningHost {
  const defined = new Map<string, FoundDomain>();
  const listeners = new Set<Parameters<Compute['onDefinition']>[0]>();
  const unreadable = new Set<string>();
  let writes = 0;
  let isAway = false;
  const needThere = (): void => {
    if (isAway) throw new ApiError('HOST_OFFLINE', inner.facts.uuid);
  };
  const tell = (uuid: string): void => {
    for (const listener of listeners) listener(uuid, defined.has(uuid) ? 'changed' : 'removed');
  };
  const set = (domain: FoundDomain): void => {
    defined.set(domain.uuid, domain);
    tell(domain.uuid);
  };
  const compute: Compute = Object.assign(Object.create(inner.compute) as Compute, {
    keepsDefinitions: true,
    describe: async () => [...defined.values()].filter(({ uuid }) => !unreadable.has(uuid)),
    describeOne: async (uuid: string) => {
      needThere();
      if (unreadable.has(uuid)) throw new Error('the description cannot be read');
      return defined.get(uuid);
    },
    onDefinition: (listener: Parameters<Compute['onDefinition']>[0]) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    define: async (spec: DomainSpec) => {
      needThere();
      writes++;
      set({ ...spec, persistent: true, autostart: false });
    },
    forget: async (uuid: string) => {
      needThere();
      await inner.compute.forget(uuid);
      if (defined.delete(uuid)) tell(uuid);
    },
  });
  return {
    host: Object.assign(Object.create(inner) as Host, { compute }),
    defined,
    define: set,
    undefine(uuid) {
      defined.delete(uuid);
      tell(uuid);
    },
    setAway(away) {
      isAway = away;
      if (!away) for (const uuid of defined.keys()) tell(uuid);
    },
    unreadable,
    writes: () => writes,
  };
}
