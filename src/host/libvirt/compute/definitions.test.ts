import { DomainEventLifecycle, DomainState as State } from 'node-libvirt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Definitions } from './definitions.js';
import { DomainStates } from './domain-states.js';
import { FakeSession } from './testing/fake-session.js';

const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const dom = { name: 'one', uuid, id: -1 };

describe('definitions', () => {
  let xml: string;
  let session: FakeSession;
  let definitions: Definitions;
  let told: string[];

  beforeEach(async () => {
    xml = '<domain/>';
    session = new FakeSession({
      CONNECT_LIST_ALL_DOMAINS: () => ({ domains: [dom], ret: 1 }),
      DOMAIN_LOOKUP_BY_UUID: () => ({ dom }),
      DOMAIN_GET_STATE: () => ({ state: State.SHUTOFF, reason: 1 }),
      DOMAIN_GET_XML_DESC: () => ({ xml }),
    });
    const states = new DomainStates(session, () => undefined);
    await states.readAll();
    definitions = new Definitions(session, states);
    told = [];
    definitions.on((changed, what) => told.push(`${what} ${changed}`));
  });
  afterEach(() => definitions.close());
  const gathered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

  it('are told once for several events of one change', async () => {
    session.tell('LIFECYCLE', { dom, event: DomainEventLifecycle.DEFINED, detail: 1 });
    session.tell('METADATA_CHANGE', { dom, type: 1, nsuri: undefined });
    await gathered();
    expect(told).toEqual([`changed ${uuid}`]);
  });

  it('are not told for what compute notes itself', async () => {
    session.tell('METADATA_CHANGE', { dom, type: 2, nsuri: 'https://xenapi-gateway.org/domain/started/1' });
    await gathered();
    expect(told).toEqual([]);
    session.tell('METADATA_CHANGE', { dom, type: 2, nsuri: 'urn:other' });
    await gathered();
    expect(told).toEqual([`changed ${uuid}`]);
  });

  it('are looked at, for changes that cause no event', async () => {
    await definitions.look();
    await definitions.look();
    await gathered();
    expect(told).toEqual([]);
    xml = '<domain><vcpu>2</vcpu></domain>';
    await definitions.look();
    await gathered();
    expect(told).toEqual([`changed ${uuid}`]);
  });

  it('are not told twice: by an event, and when they are looked at', async () => {
    await definitions.look();
    xml = '<domain><vcpu>2</vcpu></domain>';
    session.tell('LIFECYCLE', { dom, event: DomainEventLifecycle.DEFINED, detail: 1 });
    await definitions.look();
    await gathered();
    expect(told).toEqual([`changed ${uuid}`]);
  });

  it('are looked at after an event too, for changes that cause none', async () => {
    session.tell('LIFECYCLE', { dom, event: DomainEventLifecycle.DEFINED, detail: 1 });
    await gathered();
    xml = '<domain><vcpu>2</vcpu></domain>';
    await definitions.look();
    await gathered();
    expect(told).toEqual([`changed ${uuid}`, `changed ${uuid}`]);
  });
});
