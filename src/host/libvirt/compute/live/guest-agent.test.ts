import type { TypedParameter } from 'node-libvirt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GuestState } from '../../../compute.js';
import { FakeSession } from '../testing/fake-session.js';
import { GuestAgent } from './guest-agent.js';
import { Turns } from './turns.js';

const UUID = 'a5a5a5a5-0000-4000-8000-000000000001';
const MAC = '02:00:00:00:00:01';

/** A guest that can be told what to answer. */
class Guest {
  readonly told: (GuestState | undefined)[] = [];
  address: string | undefined;
  answers = true;
  runs = true;
  places = new Map([[MAC, 0]]);
  /** What happens while the places of cards are read. */
  reading = async (): Promise<void> => undefined;
  readonly session = new FakeSession({
    DOMAIN_AGENT_SET_RESPONSE_TIMEOUT: () => ({ result: 0 }),
    DOMAIN_GET_GUEST_INFO: ({ types }) => {
      if (!this.answers) throw new Error('the guest agent does not respond');
      return { params: [...(types === 0 ? SYSTEM : []), ...this.card()] };
    },
  });
  readonly agent = new GuestAgent(UUID, {
    session: this.session,
    turns: new Turns(1),
    dom: () => (this.runs ? { name: 'one', uuid: UUID, id: 1 } : undefined),
    positions: async () => {
      const { places } = this;
      await this.reading();
      return places;
    },
    tell: (state) => void this.told.push(state),
  });

  get questions(): number {
    return this.session.asked.filter((call) => call === 'DOMAIN_GET_GUEST_INFO').length;
  }

  private card(): TypedParameter[] {
    const count = { field: 'if.count', type: 'uint', value: 1 } as const;
    const mac = { field: 'if.0.hwaddr', type: 'string', value: MAC } as const;
    if (this.address === undefined) return [count, mac];
    return [
      count,
      mac,
      { field: 'if.0.addr.count', type: 'uint', value: 1 },
      { field: 'if.0.addr.0.type', type: 'string', value: 'ipv4' },
      { field: 'if.0.addr.0.addr', type: 'string', value: this.address },
    ];
  }
}

const SYSTEM: readonly TypedParameter[] = [
  { field: 'os.id', type: 'string', value: 'debian' },
  { field: 'os.kernel-release', type: 'string', value: '6.1.0' },
];

describe('the agent in a guest', () => {
  let guest: Guest;

  beforeEach(() => {
    vi.useFakeTimers();
    guest = new Guest();
  });
  afterEach(() => {
    guest.agent.close();
    vi.useRealTimers();
  });

  it('is asked often until an address is known, and seldom afterwards', async () => {
    await vi.advanceTimersByTimeAsync(3000);
    expect(guest.questions).toBeGreaterThanOrEqual(4);
    guest.address = '10.0.0.7';
    await vi.advanceTimersByTimeAsync(1000);
    expect(guest.told.at(-1)?.networks.get('0/ip')).toBe('10.0.0.7');
    const before = guest.questions;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(guest.questions - before).toBeLessThanOrEqual(3);
    expect(guest.questions - before).toBeGreaterThan(0);
  });

  it('keeps what it told of its system while only addresses are looked for', async () => {
    await vi.advanceTimersByTimeAsync(2000);
    guest.address = '10.0.0.7';
    await vi.advanceTimersByTimeAsync(1000);
    expect(guest.told.at(-1)?.osVersion.get('distro')).toBe('debian');
  });

  it('tells only what is new', async () => {
    guest.address = '10.0.0.7';
    await vi.advanceTimersByTimeAsync(120_000);
    expect(guest.told).toHaveLength(1);
    guest.address = '10.0.0.8';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(guest.told.map((state) => state?.networks.get('0/ip'))).toEqual(['10.0.0.7', '10.0.0.8']);
  });

  it('falls silent after it gave no answer twice, is asked ever less, and is heard again', async () => {
    guest.address = '10.0.0.7';
    await vi.advanceTimersByTimeAsync(100);
    guest.answers = false;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(guest.told.at(-1)).toBeUndefined();
    expect(guest.agent.state).toBeUndefined();
    const before = guest.questions;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(guest.questions - before).toBeLessThanOrEqual(15);
    guest.answers = true;
    await vi.advanceTimersByTimeAsync(130_000);
    expect(guest.told.at(-1)?.networks.get('0/ip')).toBe('10.0.0.7');
  });

  it('counts as heard while the daemon is away', async () => {
    guest.address = '10.0.0.7';
    await vi.advanceTimersByTimeAsync(100);
    guest.answers = false;
    guest.session.connected = false;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(guest.told).toHaveLength(1);
  });

  it('is asked at once when a card came or went, and shows it where it is now', async () => {
    guest.address = '10.0.0.7';
    await vi.advanceTimersByTimeAsync(2000);
    guest.places = new Map([[MAC, 4]]);
    guest.agent.cardsChanged();
    await vi.advanceTimersByTimeAsync(100);
    expect([...(guest.told.at(-1)?.networks.keys() ?? [])]).toEqual(['4/ipv4/0', '4/ip']);
  });

  it('shows a card where it is now, though it moved while its place was read', async () => {
    guest.address = '10.0.0.7';
    guest.reading = async () => {
      guest.reading = async () => undefined;
      guest.places = new Map([[MAC, 3]]);
      guest.agent.cardsChanged();
    };
    await vi.advanceTimersByTimeAsync(2000);
    expect(guest.told.at(-1)?.networks.get('3/ip')).toBe('10.0.0.7');
  });

  it('is not asked while its guest stands still, nor after its end', async () => {
    guest.runs = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(guest.questions).toBe(0);
    guest.runs = true;
    guest.agent.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(guest.questions).toBe(0);
  });
});
