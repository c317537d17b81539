import type { Duplex } from 'node:stream';
import { setTimeout as pass } from 'node:timers/promises';
import {
  type ArgumentsOf,
  type CallOptions,
  type DomainEventName,
  type DomainEventOf,
  LibvirtClosed,
  type MonitorEvent,
  type Procedure,
  type ResultOf,
  type StreamProcedure,
} from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { Unsubscribe } from '../../progress.js';
import { Links } from './links.js';
import type { Session } from './session.js';

/** Milliseconds before a daemon that went away is called again; the pause doubles each time, up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;

/** How a session is kept. */
export interface SessionOptions {
  /** Such as `qemu:///system`. */
  readonly uri: string;
  /** Uuid of the host, for HOST_OFFLINE; an empty text while it is not known. */
  readonly host?: () => string;
  readonly warn: (error: unknown, message: string) => void;
}

type Listener<E extends DomainEventName> = (event: DomainEventOf<E>) => void;
type Listeners = { [E in DomainEventName]?: Set<Listener<E>> };

/** The session of a daemon that may come and go. */
export class KeptSession implements Session {
  private readonly options: SessionOptions;
  private readonly stopped = new AbortController();
  private readonly listeners: Listeners = {};
  private readonly monitorListeners = new Map<string, Set<(event: MonitorEvent) => void>>();
  private readonly reconnectListeners = new Set<() => void>();
  private readonly disconnectListeners = new Set<() => void>();
  private links: Links | undefined;
  /** Events being asked for: a read must not be older than what is told after it. */
  private registering: Promise<void> = Promise.resolve();
  private keeping: Promise<void> = Promise.resolve();

  private constructor(options: SessionOptions, links: Links) {
    this.options = options;
    this.take(links);
  }

  /**
   * Connects for the first time. Rejects with `LibvirtClosed` when there is no daemon, with `LibvirtError` when it refuses, with
   * `LibvirtTimeout` when it does not answer: from the start on, somebody has to be told.
   */
  static async open(options: SessionOptions): Promise<KeptSession> {
    return new KeptSession(options, await Links.open(options.uri, new AbortController().signal));
  }

  get connected(): boolean {
    return this.links !== undefined;
  }

  async call<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options?: CallOptions): Promise<ResultOf<P>> {
    const links = this.there();
    return this.told(() => links.call(procedure, args, options));
  }

  async read<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options?: CallOptions): Promise<ResultOf<P>> {
    const links = this.there();
    await this.registering;
    return this.told(() => links.quick.call(procedure, args, options));
  }

  async openStream<P extends StreamProcedure>(
    procedure: P,
    args: ArgumentsOf<P>,
    options?: CallOptions,
  ): Promise<{ readonly result: ResultOf<P>; readonly stream: Duplex }> {
    const links = this.there();
    return this.told(() => links.openStream(procedure, args, options));
  }

  onDomainEvent<E extends DomainEventName>(event: E, listener: Listener<E>): Unsubscribe {
    const known = this.listeners[event] as Set<Listener<E>> | undefined;
    const listeners = known ?? new Set<Listener<E>>();
    listeners.add(listener);
    if (known === undefined) {
      Object.assign(this.listeners, { [event]: listeners });
      if (this.links) this.register(this.links, event);
    }
    return () => listeners.delete(listener);
  }

  onMonitorEvent(event: string, listener: (event: MonitorEvent) => void): Unsubscribe {
    const known = this.monitorListeners.get(event);
    const listeners = known ?? new Set();
    listeners.add(listener);
    if (known === undefined) {
      this.monitorListeners.set(event, listeners);
      if (this.links) this.registerMonitor(this.links, event);
    }
    return () => listeners.delete(listener);
  }

  onReconnect(listener: () => void): Unsubscribe {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }

  onDisconnect(listener: () => void): Unsubscribe {
    this.disconnectListeners.add(listener);
    return () => this.disconnectListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.stopped.abort();
    const { links } = this;
    this.links = undefined;
    await links?.close();
    await this.keeping;
  }

  private there(): Links {
    if (this.links === undefined) throw this.offline();
    return this.links;
  }

  private offline(): ApiError {
    return new ApiError('HOST_OFFLINE', this.options.host?.() ?? '');
  }

  /** What became of a call that was under way when the daemon went, nobody knows until it is back. */
  private async told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw thrown instanceof LibvirtClosed ? this.offline() : thrown;
    }
  }

  private take(links: Links): void {
    this.links = links;
    for (const event of eventNames(this.listeners)) this.register(links, event);
    for (const event of this.monitorListeners.keys()) this.registerMonitor(links, event);
    void links.broken.then((reason) => this.lost(links, reason));
  }

  private lost(links: Links, reason: Error): void {
    if (this.links !== links || this.stopped.signal.aborted) return;
    this.options.warn(reason, 'the connection to libvirt is lost');
    this.links = undefined;
    this.keeping = this.reconnect(links);
    for (const listener of this.disconnectListeners) listener();
  }

  private async reconnect(old: Links): Promise<void> {
    // A daemon that hangs does not say good-bye.
    void old.close();
    const { signal } = this.stopped;
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        await pass(pause, undefined, { signal });
        const links = await Links.open(this.options.uri, signal);
        if (signal.aborted) return await links.close();
        this.take(links);
        for (const listener of this.reconnectListeners) listener();
        return;
      } catch {
        // It is not there yet; that it went was told.
      }
    }
  }

  /** One request per kind of event and connection serves all listeners. */
  private register<E extends DomainEventName>(links: Links, event: E): void {
    const asked = links.quick.onDomainEvent(event, (told) => {
      this.dispatch(links, this.listeners[event] as Set<Listener<E>> | undefined, told);
    });
    this.registered(links, event, asked);
  }

  private registerMonitor(links: Links, event: string): void {
    const asked = links.quick.onMonitorEvent({ event }, (told) => this.dispatch(links, this.monitorListeners.get(event), told));
    this.registered(links, event, asked);
  }

  private registered(links: Links, event: string, asked: Promise<unknown>): void {
    const settled = asked.catch((thrown: unknown) => {
      if (this.links === links) this.options.warn(thrown, `libvirt does not tell of ${event}`);
    });
    this.registering = Promise.all([this.registering, settled]).then(() => undefined);
  }

  private dispatch<T>(links: Links, listeners: Iterable<(told: T) => void> | undefined, told: T): void {
    if (this.links !== links) return;
    for (const listener of listeners ?? []) this.guarded(() => listener(told));
  }

  /** A listener that fails must not keep the others from hearing. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.options.warn(thrown, 'an event of libvirt could not be taken in');
    }
  }
}

function eventNames(listeners: Listeners): readonly DomainEventName[] {
  return Object.keys(listeners) as DomainEventName[];
}
