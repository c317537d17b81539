import { isIP } from 'node:net';
import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, storedOnly } from '../behaviour.js';

const COMPONENTS = ['xapi', 'xenopsd', 'xapi-clusterd', 'smapi'];
/** Traces that go into files on the host. */
const FILES = 'bugtool';
const HOST_NAME = /^[a-z\d-]+(\.[a-z\d-]+)*$/i;
const ATTRIBUTE = /^[a-z\d][a-z\d._]{0,253}[a-z\d]$/;
const LONGEST_ATTRIBUTE = 4095;

function assertComponents(components: readonly string[]): void {
  for (const component of components)
    if (!COMPONENTS.includes(component)) throw new ApiError('INVALID_VALUE', 'component', component);
}

function assertEndpoints(endpoints: readonly string[]): void {
  for (const endpoint of endpoints) if (!isEndpoint(endpoint)) throw new ApiError('INVALID_VALUE', 'endpoint', endpoint);
}

function isEndpoint(text: string): boolean {
  if (text === FILES) return true;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && (isIP(host) !== 0 || HOST_NAME.test(host));
}

function assertAttributes(attributes: ReadonlyMap<string, string>): void {
  for (const [key, value] of attributes)
    if (!ATTRIBUTE.test(key) || value.length > LONGEST_ATTRIBUTE)
      throw new ApiError('INVALID_VALUE', 'attributes', `${key}:${value}`);
}

function assertHosts(db: Database, hosts: readonly Ref<'host'>[]): void {
  for (const host of hosts) if (!db.exists('host', host)) throw new ApiError('INVALID_VALUE', 'host', host);
}

/** What is to be traced, and where traces go. It is only kept: nothing here traces. */
export const Observer: ClassBehaviour<'Observer'> = {
  create: ({ api: { db } }, given) => {
    assertComponents(given.components);
    assertEndpoints(given.endpoints);
    assertHosts(db, given.hosts);
    assertAttributes(given.attributes);
    return db.create('Observer', given);
  },
  messages: {
    set_hosts: storedOnly(({ api: { db } }, self, hosts) => {
      assertHosts(db, hosts);
      db.set('Observer', self, { hosts });
    }),
    set_enabled: storedOnly(({ api: { db } }, self, enabled) => db.set('Observer', self, { enabled })),
    set_attributes: storedOnly(({ api: { db } }, self, attributes) => {
      assertAttributes(attributes);
      db.set('Observer', self, { attributes });
    }),
    set_endpoints: storedOnly(({ api: { db } }, self, endpoints) => {
      assertEndpoints(endpoints);
      db.set('Observer', self, { endpoints });
    }),
    set_components: storedOnly(({ api: { db } }, self, components) => {
      assertComponents(components);
      db.set('Observer', self, { components });
    }),
  },
};
