/** What one client of the NBD server may take of the daemon's time and memory. Times in milliseconds, sizes in bytes. */
export interface NbdLimits {
  /** Connections at one time. Backup programs open some for each disk; each may hold `inFlight` of memory. */
  readonly connections: number;
  /** Time until data flows, the handshake of TLS included, whoever is to blame: opening a disk takes a fraction of a second. */
  readonly handshakeTime: number;
  /** Options that are asked for before data flows: real clients need six at most. */
  readonly options: number;
  /** Data of an option: a name and a handful of contexts. */
  readonly optionData: number;
  /** How long a client may stop in the middle of a request, and how long it may take nothing of what is being sent to it. */
  readonly stallTime: number;
  /** Requests, and bytes of their answers, that are worked on before the client has taken the first of them. */
  readonly requests: number;
  readonly inFlight: number;
  /** Bytes that are read from a disk at a time: QEMU asks for as many, so that an answer is one piece. */
  readonly piece: number;
  /** Smallest run of zeros that is told as such in an answer with data: less is not worth a part of its own. */
  readonly smallestHole: number;
  /** Runs of blocks that one answer tells of: the client asks again for the rest. */
  readonly statusBlocks: number;
}

/** The limits that the daemon runs with; tests shorten some. */
export const nbdLimits: NbdLimits = {
  connections: 128,
  handshakeTime: 20_000,
  options: 64,
  optionData: 16 * 1024,
  stallTime: 120_000,
  requests: 64,
  inFlight: 8 * 1024 * 1024,
  piece: 2 * 1024 * 1024,
  smallestHole: 64 * 1024,
  statusBlocks: 16_384,
};
