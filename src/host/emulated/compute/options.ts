/** Milliseconds that things take. */
export interface Delays {
  readonly start: number;
  readonly shutdown: number;
  readonly reboot: number;
  readonly suspend: number;
  readonly resume: number;
  readonly migrate: number;
  /** From the start of a domain until its tools are heard. */
  readonly tools: number;
  /** From the button until a host is up. */
  readonly hostBoot: number;
}

export const NO_DELAYS: Delays = {
  start: 0,
  shutdown: 0,
  reboot: 0,
  suspend: 0,
  resume: 0,
  migrate: 0,
  tools: 0,
  hostBoot: 0,
};
