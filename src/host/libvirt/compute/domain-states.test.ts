import {
  DomainShutoffReason,
  ErrorCode,
  DomainEventLifecycle as Event,
  LibvirtError,
  DomainState as State,
  DomainEventStoppedDetailType as Stopped,
} from 'node-libvirt';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DomainState } from '../../compute.js';
import { DomainStates } from './domain-states.js';
import { FakeSession } from './testing/fake-session.js';

const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

/** One domain, as a libvirt that is none has it; undefined: it has none. */
interface Domain {
  id: number;
  state: number;
  reason: number;
}

describe('states of domains', () => {
  let domain: Domain | undefined;
  let note: string | undefined;
  let session: FakeSession;
  let states: DomainStates;
  let told: DomainState[];

  const there = (): Domain => {
    if (domain) return domain;
    throw new LibvirtError('DOMAIN_LOOKUP_BY_UUID', { code: ErrorCode.NO_DOMAIN, domain: 10, level: 2, message: 'gone' });
  };
  const dom = () => ({ name: 'one', uuid, id: domain?.id ?? -1 });
  const event = (kind: number, detail = 0): void => session.tell('LIFECYCLE', { dom: dom(), event: kind, detail });
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  const powers = (): string[] => told.map(({ power, ended }) => (ended ? `${power} ${ended}` : power));
  const runs = (id: number): Domain => ({ id, state: State.RUNNING, reason: 1 });
  const ended = (reason: number): Domain => ({ id: -1, state: State.SHUTOFF, reason });

  beforeEach(async () => {
    domain = runs(1);
    note = undefined;
    session = new FakeSession({
      CONNECT_LIST_ALL_DOMAINS: () => ({ domains: domain ? [dom()] : [], ret: domain ? 1 : 0 }),
      DOMAIN_LOOKUP_BY_UUID: () => ({ dom: { name: 'one', uuid, id: there().id } }),
      DOMAIN_GET_STATE: () => ({ state: there().state, reason: there().reason }),
      DOMAIN_GET_INFO: () => ({ state: there().state, maxMem: 2048, memory: 1024, nrVirtCpu: 1, cpuTime: 0 }),
      DOMAIN_GET_METADATA: () => {
        if (note !== undefined) return { metadata: `<started at='${note}'/>` };
        throw new LibvirtError('DOMAIN_GET_METADATA', {
          code: ErrorCode.NO_DOMAIN_METADATA,
          domain: 10,
          level: 2,
          message: 'none',
        });
      },
      DOMAIN_SET_METADATA: () => undefined,
    });
    states = new DomainStates(session, () => undefined);
    await states.readAll();
    told = [];
    states.onState((state) => told.push(state));
  });

  it('are what libvirt says after an event', async () => {
    domain = { id: 1, state: State.PAUSED, reason: 1 };
    event(Event.SUSPENDED);
    await settled();
    domain = ended(DomainShutoffReason.SHUTDOWN);
    event(Event.STOPPED, Stopped.SHUTDOWN);
    await settled();
    expect(powers()).toEqual(['Paused', 'Halted shutdown']);
    expect(told.at(-1)).toMatchObject({ domid: -1, memory: 0 });
  });

  it('are told once when nothing changes, and not at all when nothing did', async () => {
    for (let i = 0; i < 5; i++) event(Event.RESUMED);
    await settled();
    expect(told).toEqual([]);
    domain = { id: 1, state: State.PAUSED, reason: 1 };
    for (let i = 0; i < 5; i++) event(Event.SUSPENDED);
    await settled();
    expect(powers()).toEqual(['Paused']);
  });

  it('know why a domain ended that is gone with its end', async () => {
    event(Event.STOPPED, Stopped.SHUTDOWN);
    domain = undefined;
    await settled();
    expect(powers()).toEqual(['Halted shutdown']);
    expect(states.find(uuid)).toBeUndefined();
  });

  it('know when a life began that nobody saw begin', async () => {
    note = '1700000000000';
    const later = new DomainStates(session, () => undefined);
    await later.readAll();
    expect(later.find(uuid)?.startedAt).toBe(1_700_000_000_000);
    // One that was seen to begin is younger than a note of the life before.
    domain = runs(2);
    event(Event.STARTED);
    await settled();
    expect(later.find(uuid)?.startedAt).toBeGreaterThan(1_700_000_000_000);
  });

  it('do not take a domain on its way for one that lives', async () => {
    domain = undefined;
    event(Event.STOPPED, Stopped.DESTROYED);
    await settled();
    domain = { id: 2, state: State.PAUSED, reason: 2 };
    event(Event.STARTED, 1);
    await settled();
    expect(states.find(uuid)).toBeUndefined();
    domain = runs(2);
    event(Event.RESUMED, 1);
    await settled();
    expect(powers()).toEqual(['Halted', 'Running']);
  });

  it('are told when work is done that is to be quiet', async () => {
    await states.quietly(uuid, async () => {
      domain = ended(DomainShutoffReason.DESTROYED);
      event(Event.STOPPED, Stopped.DESTROYED);
      await settled();
      domain = runs(2);
      event(Event.STARTED);
      await settled();
      expect(told).toEqual([]);
    });
    expect(told).toMatchObject([{ power: 'Running', domid: 2 }]);
  });

  it('are not told of a domain that has left, and are of one that could not leave', async () => {
    const failing = states.leave(uuid, async () => {
      domain = { id: 1, state: State.PAUSED, reason: 1 };
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(powers()).toEqual(['Paused']);
    await states.leave(uuid, async () => {
      domain = undefined;
    });
    await settled();
    expect(powers()).toEqual(['Paused']);
    expect(states.find(uuid)).toBeUndefined();
  });

  it('give no reason for an end that was asked for', async () => {
    await states.asked(uuid, async () => {
      domain = ended(DomainShutoffReason.SHUTDOWN);
      event(Event.STOPPED, Stopped.SHUTDOWN);
    });
    await settled();
    expect(powers()).toEqual(['Halted']);
  });

  it('end what waits for a life, and no other', async () => {
    const first = states.life(uuid);
    domain = runs(2);
    event(Event.STARTED);
    await settled();
    expect(first.aborted).toBe(true);
    expect(first.reason).toMatchObject({ code: 'VM_HALTED' });
    expect(states.life(uuid).aborted).toBe(false);
    domain = undefined;
    await states.refresh(uuid);
    expect(states.life(uuid).aborted).toBe(true);
  });

  it('make up for events that were missed', async () => {
    domain = runs(3);
    await states.check();
    expect(told).toMatchObject([{ power: 'Running', domid: 3 }]);
    domain = undefined;
    await states.check();
    expect(powers()).toEqual(['Running', 'Halted']);
  });
});
