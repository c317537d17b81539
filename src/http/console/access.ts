import type { Duplex } from 'node:stream';

/** A console that a client has asked for. */
export interface FoundConsole {
  readonly protocol: 'rfb' | 'vt100';
  /** Whether it is the console of a host itself, which needs a role of its own. */
  readonly isHost: boolean;
  /** Opens it: the bytes of its protocol, both ways. Rejects with ApiError; with TOO_BUSY-like HttpError 503 where only one may watch. */
  open(): Promise<Duplex>;
}

/** Consoles as the HTTP paths need them. */
export interface ConsoleAccess {
  /** The console, or that of the VM, of a reference or uuid. Throws ApiError where there is none that can be opened here. */
  find(name: { readonly ref?: string; readonly uuid?: string }): FoundConsole;
}
