/** What one client may take of the daemon's time and memory. Times in milliseconds, sizes in bytes. */
export interface HttpLimits {
  /** Connections at one time over each listener: each costs a descriptor and some 20 KiB. */
  readonly connections: number;
  /** Request line and headers: session and task references in a query are short; 32 KiB leaves room for long cookies. */
  readonly head: number;
  /** Time for a new connection to send its first bytes, and for a head to arrive in full. */
  readonly headTime: number;
  /** Time for a TLS handshake: a client that needs longer than this is not a client. */
  readonly handshakeTime: number;
  /** How long an idle connection is kept: longer than the polling intervals of the usual clients (5 to 60 s). */
  readonly idleTime: number;
  /** Body of a call. The original server has the same limit, so no client sends more. */
  readonly callBody: number;
  /** Time for the body of a call to arrive in full: 300 KiB over the slowest line that anyone manages a pool by. */
  readonly callBodyTime: number;
  /** How long a refused body is still read and thrown away: closing on a client that sends would cost it the refusal. */
  readonly lingerTime: number;
  /** Calls sent ahead on one connection while an earlier one is being answered, and the memory of their bodies. */
  readonly callsAhead: number;
  readonly callsAheadBytes: number;
  /** How long an upload may pause, and how long a client may take nothing of what is being sent to it. */
  readonly stallTime: number;
  /** How long a client that has closed its side may wait for a reply: after that it is taken as gone. */
  readonly halfClosedTime: number;
  /** Content of a blob: these are icons, screenshots and the like, and the emulated pool keeps them on the system disk. */
  readonly blob: number;
  /** `x-http-other-config-` headers that are taken from one request into other_config of its task. */
  readonly otherConfigHeaders: number;
  /** How long records are encoded before other clients get their turn. */
  readonly encodeSlice: number;
  /** A reply up to this size goes out in one write, a larger one in portions of it, with other clients in between. */
  readonly writePortion: number;
  /** How often slow and stalled connections are looked for. */
  readonly sweepInterval: number;
}

/** The limits that the daemon runs with; tests shorten some. */
export const httpLimits: HttpLimits = {
  connections: 4096,
  head: 32 * 1024,
  headTime: 60_000,
  handshakeTime: 20_000,
  idleTime: 75_000,
  callBody: 300 * 1024,
  callBodyTime: 60_000,
  lingerTime: 5_000,
  callsAhead: 256,
  callsAheadBytes: 4 * 1024 * 1024,
  stallTime: 120_000,
  halfClosedTime: 2_000,
  blob: 64 * 1024 * 1024,
  otherConfigHeaders: 64,
  encodeSlice: 3,
  writePortion: 256 * 1024,
  sweepInterval: 1_000,
};
