/** Time of one CPU since the host's start, in any unit. */
export interface CpuTime {
  readonly number: number;
  readonly busy: number;
  readonly total: number;
}

/** What a network card has counted since the host's start. */
export interface CardCounters {
  readonly device: string;
  /** Whether other devices carry the same data: it is a bond of them, or a VLAN on one. */
  readonly upper: boolean;
  readonly received: number;
  readonly receiveErrors: number;
  readonly sent: number;
  readonly sendErrors: number;
}

/** What a host says of itself at one moment. What it does not tell is undefined. */
export interface HostCounters {
  readonly cpus: readonly CpuTime[];
  /** Processes that ran or waited, as an average of the last minute. */
  readonly load: number | undefined;
  readonly memoryTotalKib: number | undefined;
  /** Memory that can be had without taking any from anybody. */
  readonly memoryFreeKib: number | undefined;
  readonly cards: readonly CardCounters[] | undefined;
}

/** Where the counters of a host come from. */
export interface HostCounterSource {
  read(): Promise<HostCounters>;
}
