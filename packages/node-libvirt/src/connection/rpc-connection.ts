import type { Duplex } from 'node:stream';
import { LibvirtClosed, LibvirtError, LibvirtTimeout } from '../errors.js';
import type { EventKind } from '../protocol/event-kinds.js';
import {
  type DomainEventName,
  type DomainEventOf,
  domainEvents,
  type MonitorEvent,
  type NetworkEventName,
  type NetworkEventOf,
  type NodeDeviceEventName,
  type NodeDeviceEventOf,
  networkEvents,
  nodeDeviceEvents,
  type SecretEventName,
  type SecretEventOf,
  type StoragePoolEventName,
  type StoragePoolEventOf,
  secretEvents,
  storagePoolEvents,
} from '../protocol/events.js';
import { Program } from '../protocol/procedure.js';
import { type ArgumentsOf, callNamed, type Procedure, type ResultOf, type StreamProcedure } from '../protocol/procedures.js';
import type { DomainRef } from '../protocol/references.js';
import { XdrError } from '../xdr/xdr-error.js';
import { CallStreams } from './call-streams.js';
import { Channel } from './channel.js';
import type { Connection, MonitorEventFilter, Unsubscribe } from './connection.js';
import { EventListeners } from './event-listeners.js';
import { KeepAlive, type KeepAliveOptions } from './keep-alive.js';
import { begin, finish, type Message, MessageStatus, MessageType } from './message.js';
import { type CallOptions, PendingCalls } from './pending-calls.js';

/** Milliseconds that a daemon has for the answer to the good-bye. */
const GOOD_BYE = 1000;

const Ping = { PING: 1, PONG: 2 } as const;

/** A connection over a socket that leads to the daemon. It does not say anything by itself. */
export class RpcConnection implements Connection {
  readonly uri: string;
  readonly closed: Promise<Error | undefined>;
  readonly #timeout: number;
  readonly #channel: Channel;
  readonly #calls = new PendingCalls();
  readonly #streams: CallStreams;
  readonly #listeners = new EventListeners();
  #keepAlive: KeepAlive | undefined;
  /** Why there will be no more calls. */
  #gone: LibvirtClosed | undefined;

  constructor(uri: string, socket: Duplex, timeout: number) {
    this.uri = uri;
    this.#timeout = timeout;
    let closed: (reason: Error | undefined) => void = () => {};
    this.closed = new Promise((resolve) => {
      closed = resolve;
    });
    this.#channel = new Channel(socket, {
      message: (message) => this.#take(message),
      drained: () => this.#keepAlive?.heard(),
      closed: (reason) => {
        const error = reason ?? new LibvirtClosed('the connection was closed');
        this.#gone ??= error;
        this.#keepAlive?.stop();
        this.#calls.fail(error);
        this.#streams.end(reason);
        closed(reason);
      },
    });
    this.#streams = new CallStreams(this.#channel);
  }

  async call<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options: CallOptions = {}): Promise<ResultOf<P>> {
    const { answer } = this.#send(procedure, args, options);
    try {
      return (await answer) as ResultOf<P>;
    } catch (error) {
      throw tracedHere(error);
    }
  }

  async openStream<P extends StreamProcedure>(
    procedure: P,
    args: ArgumentsOf<P>,
    options: CallOptions = {},
  ): Promise<{ result: ResultOf<P>; stream: Duplex }> {
    const { serial, answer } = this.#send(procedure, args, options);
    // Its bytes may come before the reply.
    const stream = this.#streams.open(serial, procedure);
    try {
      const result = (await answer) as ResultOf<P>;
      stream.opened();
      return { result, stream };
    } catch (error) {
      this.#streams.discard(serial);
      throw tracedHere(error);
    }
  }

  async onDomainEvent<E extends DomainEventName>(event: E, listener: (event: DomainEventOf<E>) => void, dom?: DomainRef) {
    const eventID = domainEvents[event].id;
    return await this.#listen<DomainEventOf<E>>('domain', `${event} ${dom?.uuid}`, listener, async () => {
      return (await this.call('CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY', { eventID, dom })).callbackID;
    });
  }

  async onNetworkEvent<E extends NetworkEventName>(event: E, listener: (event: NetworkEventOf<E>) => void) {
    const eventID = networkEvents[event].id;
    return await this.#listen<NetworkEventOf<E>>('network', event, listener, async () => {
      return (await this.call('CONNECT_NETWORK_EVENT_REGISTER_ANY', { eventID })).callbackID;
    });
  }

  async onStoragePoolEvent<E extends StoragePoolEventName>(event: E, listener: (event: StoragePoolEventOf<E>) => void) {
    const eventID = storagePoolEvents[event].id;
    return await this.#listen<StoragePoolEventOf<E>>('storagePool', event, listener, async () => {
      return (await this.call('CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY', { eventID })).callbackID;
    });
  }

  async onNodeDeviceEvent<E extends NodeDeviceEventName>(event: E, listener: (event: NodeDeviceEventOf<E>) => void) {
    const eventID = nodeDeviceEvents[event].id;
    return await this.#listen<NodeDeviceEventOf<E>>('nodeDevice', event, listener, async () => {
      return (await this.call('CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY', { eventID })).callbackID;
    });
  }

  async onSecretEvent<E extends SecretEventName>(event: E, listener: (event: SecretEventOf<E>) => void) {
    const eventID = secretEvents[event].id;
    return await this.#listen<SecretEventOf<E>>('secret', event, listener, async () => {
      return (await this.call('CONNECT_SECRET_EVENT_REGISTER_ANY', { eventID })).callbackID;
    });
  }

  async onMonitorEvent({ dom, event, flags = 0 }: MonitorEventFilter, listener: (event: MonitorEvent) => void) {
    return await this.#listen<MonitorEvent>('monitor', `${event} ${flags} ${dom?.uuid}`, listener, async () => {
      return (await this.call('QEMU_CONNECT_DOMAIN_MONITOR_EVENT_REGISTER', { dom, event, flags })).callbackID;
    });
  }

  /** Begins to ask for signs of life. The daemon has to have said that it knows how to answer. */
  keepAlive(options: KeepAliveOptions): void {
    if (this.#gone) return;
    this.#keepAlive = new KeepAlive(options, {
      ping: () => this.#keepAliveMessage(Ping.PING),
      blocked: () => this.#channel.paused,
      dead: (seconds) => this.#channel.fail(new LibvirtClosed(`the daemon gave no sign of life for ${seconds} seconds`)),
    });
  }

  async close(): Promise<void> {
    if (!this.#gone) {
      const goodBye = this.call('CONNECT_CLOSE', {}, { timeout: GOOD_BYE });
      this.#gone = new LibvirtClosed('the connection was closed');
      // Whether the daemon answers or not, the connection is closed.
      await goodBye.catch(() => undefined);
    }
    this.#channel.close();
    await this.closed;
  }

  /** Closes at once, without a good-bye. */
  abandon(): void {
    this.#channel.close();
  }

  #send(procedure: Procedure | StreamProcedure, args: unknown, options: CallOptions) {
    const call = callNamed(procedure);
    options.signal?.throwIfAborted();
    if (this.#gone) throw new LibvirtClosed(this.#gone.message, { cause: this.#gone });
    const serial = this.#calls.next(procedure);
    const { program, number } = call;
    const writer = begin({ program, procedure: number, type: MessageType.CALL, serial, status: MessageStatus.OK });
    try {
      call.args.write(writer, args);
    } catch (error) {
      throw XdrError.within(procedure, error);
    }
    this.#channel.send(finish(writer));
    const answer = this.#calls.wait(serial, procedure, call, { ...options, timeout: options.timeout ?? this.#timeout });
    return { serial, answer };
  }

  #take(message: Message): void {
    this.#keepAlive?.heard();
    if (message.program === Program.KEEPALIVE) {
      if (message.procedure === Ping.PING) this.#keepAliveMessage(Ping.PONG);
    } else if (message.type === MessageType.REPLY) {
      const unwanted = this.#calls.reply(message);
      if (unwanted?.stream !== undefined) this.#streams.abort(message.serial, unwanted);
    } else if (message.type === MessageType.EVENT) {
      this.#listeners.take(message);
    } else if (message.type === MessageType.STREAM) {
      this.#streams.take(message);
    } else if (message.type === MessageType.STREAM_HOLE) {
      this.#streams.hole(message);
    } else {
      throw new XdrError(`a message of type ${message.type}`);
    }
  }

  #keepAliveMessage(procedure: number): void {
    const type = MessageType.EVENT;
    this.#channel.sendPlain({ program: Program.KEEPALIVE, procedure, type, serial: 0, status: MessageStatus.OK });
  }

  async #listen<T>(
    kind: EventKind,
    name: string,
    listener: (event: T) => void,
    register: () => Promise<number>,
  ): Promise<Unsubscribe> {
    const deregister = async (callbackID: number) => {
      if (this.#gone) return;
      try {
        await this.call(DEREGISTER[kind], { callbackID });
      } catch (error) {
        // With the connection the callback is gone as well.
        if (!(error instanceof LibvirtClosed)) throw error;
      }
    };
    return await this.#listeners.listen({ kind, name, register, deregister }, (event) => listener(event as T));
  }
}

const DEREGISTER = {
  domain: 'CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY',
  network: 'CONNECT_NETWORK_EVENT_DEREGISTER_ANY',
  storagePool: 'CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY',
  nodeDevice: 'CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY',
  secret: 'CONNECT_SECRET_EVENT_DEREGISTER_ANY',
  monitor: 'QEMU_CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER',
} as const;

// Made where the reply came in, an error does not tell who called; here its trace does. `LibvirtClosed` is that of all calls.
function tracedHere(error: unknown): unknown {
  if (error instanceof LibvirtError || error instanceof LibvirtTimeout) Error.captureStackTrace(error, tracedHere);
  return error;
}
