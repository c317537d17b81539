import { ErrorCode, LibvirtError } from 'node-libvirt';
import { expect, it, describe as suite } from 'vitest';
import { ApiError } from '../../../model/error.js';
import { describe, describeOne } from './describing.js';
import { FakeSession } from './testing/fake-session.js';

const one = { name: 'one', uuid: 'a5a5a5a5-0000-4000-8000-000000000001', id: -1 };
const other = { name: 'other', uuid: 'a5a5a5a5-0000-4000-8000-000000000002', id: -1 };

const traits = { findBridges: async () => undefined, bridgeOf: () => undefined, controlGroups: async () => 2 as const };

function world(readXml: (uuid: string) => string) {
  const warnings: string[] = [];
  const session = new FakeSession({
    CONNECT_LIST_ALL_DOMAINS: () => ({ domains: [one, other], ret: 2 }),
    DOMAIN_LOOKUP_BY_UUID: () => ({ dom: one }),
    DOMAIN_IS_PERSISTENT: () => ({ persistent: 1 }),
    DOMAIN_GET_AUTOSTART: () => ({ autostart: 0 }),
    DOMAIN_GET_XML_DESC: ({ dom }) => ({ xml: readXml(dom.uuid) }),
  });
  const sources = {
    source: () => Promise.reject(new Error('no volumes')),
    memoryImage: () => Promise.reject(new Error('no volumes')),
    locate: () => undefined,
    cover: () => undefined,
  };
  const warn = (_: unknown, message: string): void => void warnings.push(message);
  return { context: { session, sources, states: { find: () => undefined }, warn }, warnings };
}

function xmlOf(uuid: string): string {
  return `<domain type='kvm'><name>x</name><uuid>${uuid}</uuid><memory>1024</memory></domain>`;
}

function noDomain(): LibvirtError {
  return new LibvirtError('DOMAIN_GET_XML_DESC', { code: ErrorCode.NO_DOMAIN, domain: 0, level: 2, message: 'no domain' });
}

suite('one domain', () => {
  it('is undefined when it is gone', async () => {
    const its = world(() => {
      throw noDomain();
    });
    expect(await describeOne(its.context, traits, one.uuid)).toBeUndefined();
  });

  it.each([new ApiError('HOST_OFFLINE', ''), new Error('no sense')])(
    'is not taken for gone when it cannot be read: %s',
    async (thrown) => {
      const its = world(() => {
        throw thrown;
      });
      await expect(describeOne(its.context, traits, one.uuid)).rejects.toBe(thrown);
    },
  );
});

suite('all domains', () => {
  it('are those that can be read; of the others a warning tells, unless they are gone', async () => {
    const damaged = world((uuid) => (uuid === one.uuid ? '<damaged' : xmlOf(uuid)));
    expect((await describe(damaged.context, traits)).map(({ uuid }) => uuid)).toEqual([other.uuid]);
    expect(damaged.warnings).toHaveLength(1);
    const gone = world((uuid) => {
      if (uuid === one.uuid) throw noDomain();
      return xmlOf(uuid);
    });
    expect(await describe(gone.context, traits)).toHaveLength(1);
    expect(gone.warnings).toEqual([]);
  });
});
