import type { DomainState, GuestState } from '../../host/compute.js';
import type { Host } from '../../host/host.js';
import { ApiError } from '../../model/error.js';

/**
 * The latest that a host told of its live domains and of the tools in them. Operations read here what became of a
 * domain that they started: asking the host for all of its domains after each start would cost more the more there are.
 */
class Latest {
  readonly states = new Map<string, DomainState>();
  readonly guests = new Map<string, GuestState>();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    host.compute.onState((state) => {
      if (state.power === 'Halted') {
        this.states.delete(state.uuid);
        this.guests.delete(state.uuid);
      } else this.states.set(state.uuid, state);
    });
    host.compute.onGuest((uuid, guest) => {
      if (guest) this.guests.set(uuid, guest);
      else this.guests.delete(uuid);
    });
  }

  /** What the host says of all domains now. */
  async list(): Promise<readonly DomainState[]> {
    const states = await this.#host.compute.list();
    for (const state of states) if (state.power !== 'Halted') this.states.set(state.uuid, state);
    return states;
  }
}

const known = new WeakMap<Host, Latest>();

function latest(host: Host): Latest {
  let entry = known.get(host);
  if (!entry) {
    entry = new Latest(host);
    known.set(host, entry);
  }
  return entry;
}

/** Begins to listen to a host. Called before anything is started on it. */
export function followDomains(host: Host): void {
  latest(host);
}

/** Every domain that the host knows. */
export function listDomains(host: Host): Promise<readonly DomainState[]> {
  return latest(host).list();
}

/** What a host last told of a domain that is live or suspended. Rejects with INTERNAL_ERROR when it has none. */
export async function domainState(host: Host, uuid: string): Promise<DomainState> {
  const { states } = latest(host);
  if (!states.has(uuid)) await latest(host).list();
  const state = states.get(uuid);
  if (!state) throw new ApiError('INTERNAL_ERROR', `the host has no domain ${uuid}`);
  return state;
}

/** What a host last told of a domain, without asking it; undefined when it has none, or was never listened to before. */
export function lastState(host: Host, uuid: string): DomainState | undefined {
  return latest(host).states.get(uuid);
}

/** What the tools in a domain last told, or undefined while they are silent. */
export function guestState(host: Host, uuid: string): GuestState | undefined {
  return latest(host).guests.get(uuid);
}
