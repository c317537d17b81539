/** How often a daemon that sends nothing is asked for a sign of life. */
export interface KeepAliveOptions {
  /** Seconds between two pings. */
  readonly interval: number;
  /** Pings without an answer after which the connection is given up. */
  readonly count: number;
}

/** What keep-alive does to a connection. */
export interface KeepAliveEvents {
  ping(): void;
  dead(seconds: number): void;
  /** Whether answers could be there already and are not read. */
  blocked(): boolean;
}

/** Asks a silent daemon for a sign of life at intervals and tells when it gives none. */
export class KeepAlive {
  readonly #timer: NodeJS.Timeout;
  readonly #count: number;
  readonly #interval: number;
  readonly #events: KeepAliveEvents;
  #heard = true;
  #missed = 0;

  constructor({ interval, count }: KeepAliveOptions, events: KeepAliveEvents) {
    this.#count = count;
    this.#interval = interval;
    this.#events = events;
    this.#timer = setInterval(() => this.#tick(), interval * 1000);
    this.#timer.unref();
  }

  /** Something came from the daemon, or it took what was sent. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#heard || this.#events.blocked()) {
      this.#heard = false;
      this.#missed = 0;
      return;
    }
    if (this.#missed >= this.#count) {
      this.stop();
      this.#events.dead(this.#interval * (this.#count + 1));
      return;
    }
    this.#missed++;
    this.#events.ping();
  }
}
