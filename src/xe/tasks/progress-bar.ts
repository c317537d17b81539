/** Columns of the line. */
const WIDTH = 80;

/** Columns of a full bar: what the spinner before it and the figures behind it leave. */
const BAR = 55;

/** What turns with each line drawn. */
const SPINNER = ['-', '\\', '|', '/'];

/** Longest time that eight columns can show as hours, minutes and seconds; in seconds. */
const LONGEST = 100 * 3600;

/** A bar that grows with a transfer, and says how long the rest will take. Times are in milliseconds of one clock. */
export class ProgressBar {
  readonly #start: number;
  #columns = 0;
  #turn = 0;

  constructor(start: number) {
    this.#start = start;
  }

  /** The line to draw over the last one when so much, 0 to 1, is done; undefined when it would look the same. */
  advance(share: number, now: number): string | undefined {
    const done = Math.min(Math.max(share, 0), 1);
    const columns = Math.floor(done * BAR);
    if (columns === this.#columns) return undefined;
    this.#columns = columns;
    const spinner = SPINNER[this.#turn++ % SPINNER.length] ?? '';
    const bar = `${'#'.repeat(Math.max(columns - 1, 0))}${columns > 0 ? '>' : ''}`.padEnd(BAR);
    const percent = String(Math.floor(done * 100)).padStart(3);
    const left = done === 0 ? Number.POSITIVE_INFINITY : ((1 - done) / done) * (now - this.#start);
    return `\r${`[${spinner}] ${bar} (${percent}% ETA ${clock(left / 1000)})`.padEnd(WIDTH)}`;
  }

  /** What to draw when the transfer is over. */
  end(now: number): string {
    return `\nTotal time: ${duration((now - this.#start) / 1000)}\n`;
  }
}

/** Eight columns of hours, minutes and seconds. */
function clock(seconds: number): string {
  if (!(seconds < LONGEST)) return '++:++:++';
  const whole = Math.floor(seconds);
  return [whole / 3600, (whole / 60) % 60, whole % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}

function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 60) return `${seconds.toFixed(2)}s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes}min${Math.floor(seconds % 60)}s`;
}
