import type { Duplex } from 'node:stream';

/** Gives the screen or the serial line of a domain. */
export interface HostConsole {
  /** Protocols that a running domain offers. */
  protocols(domain: string): readonly ('rfb' | 'vt100')[];
  /** A two-way stream of that protocol's bytes. */
  open(domain: string, protocol: 'rfb' | 'vt100'): Promise<Duplex>;
}
