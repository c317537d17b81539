import type { DomainState, GuestState } from '../../host/compute.js';
import type { Host } from '../../host/host.js';
import { ApiError } from '../../model/error.js';

/**
 * The latest that a host told of its domains and of the tools in them. Operations read here what became of a domain
 * that they started: asking the host for all of its domains after each start would cost more the more there are.
 */
class Latest {
  readonly states = new Map<string, DomainState>();
  readonly guests = new Map<string, GuestState>();
  readonly #host: Host;
  #listed: Promise<void> | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.compute.onState((state) => {
      this.states.set(state.uuid, state);
      if (state.power === 'Halted') this.guests.delete(state.uuid);
    });
    host.compute.onGuest((uuid, guest) => {
      if (guest) this.guests.set(uuid, guest);
      else this.guests.delete(uuid);
    });
  }

  async of(uuid: string): Promise<DomainState | undefined> {
    if (!this.states.has(uuid)) await this.#list();
    return this.states.get(uuid);
  }

  /** What the host says of all domains; news that came in meanwhile are newer than the list. */
  #list(): Promise<void> {
    this.#listed ??= this.#host.compute.list().then(
      (states) => {
        this.#listed = undefined;
        for (const state of states) if (!this.states.has(state.uuid)) this.states.set(state.uuid, state);
      },
      (thrown: unknown) => {
        this.#listed = undefined;
        throw thrown;
      },
    );
    return this.#listed;
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

/** What a host last told of a domain. Rejects with INTERNAL_ERROR when the host does not know it. */
export async function domainState(host: Host, uuid: string): Promise<DomainState> {
  const state = await latest(host).of(uuid);
  if (!state) throw new ApiError('INTERNAL_ERROR', `the host does not know the domain ${uuid}`);
  return state;
}

/** What the tools in a domain last told, or undefined while they are silent. */
export function guestState(host: Host, uuid: string): GuestState | undefined {
  return latest(host).guests.get(uuid);
}
