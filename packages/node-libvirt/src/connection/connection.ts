import type { Duplex } from 'node:stream';
import type {
  DomainEventName,
  DomainEventOf,
  MonitorEvent,
  NetworkEventName,
  NetworkEventOf,
  NodeDeviceEventName,
  NodeDeviceEventOf,
  SecretEventName,
  SecretEventOf,
  StoragePoolEventName,
  StoragePoolEventOf,
} from '../protocol/events.js';
import type { ArgumentsOf, Procedure, ResultOf, StreamProcedure } from '../protocol/procedures.js';
import type { DomainRef } from '../protocol/references.js';
import type { CallOptions } from './pending-calls.js';

/** Ends listening to an event. Resolves when the daemon was told, at once if the connection is gone. */
export type Unsubscribe = () => Promise<void>;

/** Which events of QEMU's monitor to listen to: all of them unless one is named, of all domains unless one is given. */
export interface MonitorEventFilter {
  readonly dom?: DomainRef | undefined;
  readonly event?: string | undefined;
  /** `ConnectDomainQemuMonitorEventRegisterFlags`: 1 if `event` is a regular expression, 2 if its case does not matter. */
  readonly flags?: number | undefined;
}

/**
 * A connection to a libvirt daemon. Calls reject with `LibvirtError` (what libvirt says), `LibvirtTimeout`, `LibvirtClosed`,
 * `LibvirtBusy`, or `XdrError` for arguments that the protocol cannot carry.
 */
export interface Connection {
  readonly uri: string;

  /** Makes a call, with the protocol's names for its arguments and its result. */
  call<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options?: CallOptions): Promise<ResultOf<P>>;

  /**
   * Makes a call that opens a stream. When the stream's reader does not keep up, the whole connection waits for it: use a
   * connection of its own for a stream whose reader may be slow. Destroying the stream aborts it.
   */
  openStream<P extends StreamProcedure>(
    procedure: P,
    args: ArgumentsOf<P>,
    options?: CallOptions,
  ): Promise<{ result: ResultOf<P>; stream: Duplex }>;

  /** Listens to an event of one domain, or of all. */
  onDomainEvent<E extends DomainEventName>(
    event: E,
    listener: (event: DomainEventOf<E>) => void,
    dom?: DomainRef,
  ): Promise<Unsubscribe>;

  /** Listens to an event of all virtual networks. */
  onNetworkEvent<E extends NetworkEventName>(event: E, listener: (event: NetworkEventOf<E>) => void): Promise<Unsubscribe>;

  /** Listens to an event of all storage pools. */
  onStoragePoolEvent<E extends StoragePoolEventName>(
    event: E,
    listener: (event: StoragePoolEventOf<E>) => void,
  ): Promise<Unsubscribe>;

  /** Listens to an event of all devices of the host. */
  onNodeDeviceEvent<E extends NodeDeviceEventName>(
    event: E,
    listener: (event: NodeDeviceEventOf<E>) => void,
  ): Promise<Unsubscribe>;

  /** Listens to an event of all secrets. */
  onSecretEvent<E extends SecretEventName>(event: E, listener: (event: SecretEventOf<E>) => void): Promise<Unsubscribe>;

  /** Listens to what QEMU's monitors tell. */
  onMonitorEvent(filter: MonitorEventFilter, listener: (event: MonitorEvent) => void): Promise<Unsubscribe>;

  /** Resolves when the connection is gone: with the reason, or with `undefined` after `close()`. */
  readonly closed: Promise<Error | undefined>;

  /** Says good-bye to the daemon and closes. Calls without an answer reject with `LibvirtClosed`. */
  close(): Promise<void>;
}
