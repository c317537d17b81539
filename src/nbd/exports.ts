import type { Extent } from '../host/volume-content.js';

/** Whether clients must talk in TLS or may. */
export type Security = 'required' | 'optional';

/** A disk that a client reads. */
export interface OpenExport {
  /** In bytes. */
  readonly size: number;
  /** Aborted when the client may read it no more. */
  readonly ended: AbortSignal;
  read(offset: number, length: number): Promise<Buffer>;
  /** The parts that may be anything but zeros, ascending and merged. */
  extents(): Promise<readonly Extent[]>;
  /** Called with every request of the client. */
  used(): void;
  /** Resolves when others can have the disk. More than once does no harm. */
  close(): Promise<void>;
}

/** What the NBD server offers. A refusal is an ApiError. */
export interface Exports {
  /** How clients that have come to an address of this machine must talk; undefined where nothing is offered. */
  security(address: string): Security | undefined;
  /** The size, in bytes, of what a name stands for. Throws when the client may not have it. */
  size(name: string): number;
  /** Opens what a name stands for; gives up when the signal says so. */
  open(name: string, signal: AbortSignal): Promise<OpenExport>;
}
