import type { Duplex } from 'node:stream';
import type {
  ArgumentsOf,
  CallOptions,
  DomainEventName,
  DomainEventOf,
  MonitorEvent,
  Procedure,
  ResultOf,
  StreamProcedure,
} from 'node-libvirt';
import type { Unsubscribe } from '../../progress.js';

/**
 * The way to one libvirt daemon, kept for as long as the host is there: when the daemon goes away it is called again with
 * growing pauses, and what was listened to is listened to again. While it is away, calls reject with HOST_OFFLINE at once.
 * Other failures are LibvirtError, LibvirtTimeout or LibvirtClosed.
 */
export interface Session {
  readonly connected: boolean;
  /** A call that may take its time. */
  call<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options?: CallOptions): Promise<ResultOf<P>>;
  /** A quick read: it goes over a connection of its own, which long work does not hold up. */
  read<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options?: CallOptions): Promise<ResultOf<P>>;
  openStream<P extends StreamProcedure>(
    procedure: P,
    args: ArgumentsOf<P>,
    options?: CallOptions,
  ): Promise<{ readonly result: ResultOf<P>; readonly stream: Duplex }>;
  /** Listens to an event of every domain, also after the daemon was away. */
  onDomainEvent<E extends DomainEventName>(event: E, listener: (event: DomainEventOf<E>) => void): Unsubscribe;
  /** Listens to an event of the QEMU of every domain, by QEMU's name for it. */
  onMonitorEvent(event: string, listener: (event: MonitorEvent) => void): Unsubscribe;
  /** Called when the daemon is there again: what it was told of domains meanwhile was missed. */
  onReconnect(listener: () => void): Unsubscribe;
  /** Called when the daemon went away. */
  onDisconnect(listener: () => void): Unsubscribe;
  close(): Promise<void>;
}
