import type { Compute, DomainSpec, FoundDomain } from '../../host/compute.js';
import type { Host } from '../../host/host.js';

/** A host whose tools keep descriptions of domains, with what somebody does with those tools. */
export interface DefiningHost {
  readonly host: Host;
  /** What is defined now, by uuid. */
  readonly defined: ReadonlyMap<string, FoundDomain>;
  /** Somebody defines a domain or changes one. */
  define(domain: FoundDomain): void;
  /** Somebody undefines a domain. */
  undefine(uuid: string): void;
  /** How often the gateway has written a description. */
  writes(): number;
}

/** Lets another host keep descriptions. */
export function definingHost(inner: Host): DefiningHost {
  const defined = new Map<string, FoundDomain>();
  const listeners = new Set<Parameters<Compute['onDefinition']>[0]>();
  let writes = 0;
  const tell = (uuid: string): void => {
    for (const listener of listeners) listener(uuid, defined.has(uuid) ? 'changed' : 'removed');
  };
  const set = (domain: FoundDomain): void => {
    defined.set(domain.uuid, domain);
    tell(domain.uuid);
  };
  const compute: Compute = Object.assign(Object.create(inner.compute) as Compute, {
    keepsDefinitions: true,
    describe: async () => [...defined.values()],
    describeOne: async (uuid: string) => defined.get(uuid),
    onDefinition: (listener: Parameters<Compute['onDefinition']>[0]) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    define: async (spec: DomainSpec) => {
      writes++;
      set({ ...spec, persistent: true, autostart: false });
    },
    forget: async (uuid: string) => {
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
    writes: () => writes,
  };
}
