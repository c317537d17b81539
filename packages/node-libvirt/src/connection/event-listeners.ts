import { type EventKind, eventOf } from '../protocol/event-kinds.js';
import { XdrError } from '../xdr/xdr-error.js';
import type { Message } from './message.js';

/**
 * Events kept of callbacks whose number is not known yet. The daemon may tell of an event before it answers the call that asked
 * for it; the time between the two is short.
 */
const MOST_EARLY = 4096;

/** What somebody listens to. */
export interface Interest {
  readonly kind: EventKind;
  /** Tells events of the kind apart, and the object if they are those of one. */
  readonly name: string;
  /** Asks the daemon. Gives the number of its callback. */
  register(): Promise<number>;
  deregister(callbackID: number): Promise<void>;
}

interface Listener {
  tell(event: unknown): void;
}

interface Registration {
  readonly listeners: Set<Listener>;
  readonly callbackID: Promise<number>;
  ending?: Promise<void>;
}

interface Early {
  readonly key: string;
  readonly event: unknown;
}

/** Who listens to what. The daemon takes each interest of a connection once only, so listeners share its callbacks. */
export class EventListeners {
  readonly #registrations = new Map<string, Registration>();
  readonly #listeners = new Map<string, ReadonlySet<Listener>>();
  #early: Early[] = [];
  #registering = 0;

  /** Listens. Gives the function that ends listening. */
  async listen(interest: Interest, tell: (event: unknown) => void): Promise<() => Promise<void>> {
    const registration = await this.#registration(interest);
    const listener = { tell };
    registration.listeners.add(listener);
    const callbackID = await registration.callbackID;
    return async () => {
      if (!registration.listeners.delete(listener) || registration.listeners.size > 0) return;
      registration.ending = interest.deregister(callbackID).finally(() => {
        this.#listeners.delete(keyOf(interest.kind, callbackID));
        this.#registrations.delete(nameOf(interest));
      });
      await registration.ending;
    };
  }

  /** Takes a message that tells of an event. Those that this client does not know are none that it asked for. */
  take({ program, procedure, payload }: Message): void {
    const known = eventOf(program, procedure);
    if (known === undefined) return;
    try {
      const key = keyOf(known.kind, payload.int());
      const event = known.payload.read(payload);
      payload.end();
      const listeners = this.#listeners.get(key);
      if (listeners) tellAll(listeners, event);
      else if (this.#registering > 0 && this.#early.length < MOST_EARLY) this.#early.push({ key, event });
    } catch (error) {
      throw XdrError.within(`event ${known.name}`, error);
    }
  }

  async #registration(interest: Interest): Promise<Registration> {
    const name = nameOf(interest);
    let registration = this.#registrations.get(name);
    while (registration?.ending) {
      // Whether the daemon said yes or no, it is over.
      await registration.ending.catch(() => undefined);
      registration = this.#registrations.get(name);
    }
    if (registration === undefined) {
      const listeners = new Set<Listener>();
      registration = { listeners, callbackID: this.#register(interest, listeners) };
      this.#registrations.set(name, registration);
    }
    return registration;
  }

  async #register(interest: Interest, listeners: ReadonlySet<Listener>): Promise<number> {
    this.#registering++;
    try {
      const callbackID = await interest.register();
      const key = keyOf(interest.kind, callbackID);
      this.#listeners.set(key, listeners);
      for (const early of this.#early) if (early.key === key) tellAll(listeners, early.event);
      return callbackID;
    } catch (error) {
      this.#registrations.delete(nameOf(interest));
      throw error;
    } finally {
      this.#registering--;
      if (this.#registering === 0) this.#early = [];
    }
  }
}

function nameOf({ kind, name }: Interest): string {
  return `${kind} ${name}`;
}

function keyOf(kind: EventKind, callbackID: number): string {
  return `${kind} ${callbackID}`;
}

// A listener that throws is its own fault, as with any event of Node, and must not break the connection.
function tellAll(listeners: ReadonlySet<Listener>, event: unknown): void {
  for (const listener of listeners) {
    try {
      listener.tell(event);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
