import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { percentile } from '../statistics.js';
import type { Row } from '../table.js';
import { bringProgram, runInGuest } from './guest-program.js';

/** Both disks come twice in each round, the second time the other way round, so that what drifts meets both. */
const ROUNDS = Number(process.env.BENCH_WRITE_ROUNDS ?? 60);
/** Writes to a disk in one go: so few that what else the machine does meets one disk as it meets the other. */
const WRITES = 100;

/** Whether the guest waits after each write until it is safe. */
export type Flushing = 'plain' | 'flushed';

/** Writes of 4 KiB at random places of disks inside a guest, one at a time and past its cache. */
export class RandomWrites {
  readonly #host: LabHost;
  readonly #domain: string;
  readonly #ioping: string;

  private constructor(host: LabHost, domain: string, ioping: string) {
    this.#host = host;
    this.#domain = domain;
    this.#ioping = ioping;
  }

  /** Brings what it takes into a running guest. */
  static async prepare(host: LabHost, domain: string): Promise<RandomWrites> {
    return new RandomWrites(host, domain, await bringProgram(host, domain, 'ioping', 'usr/bin/ioping'));
  }

  /** Gives a whole disk data. */
  async fill(device: string, mebibytes: number): Promise<void> {
    await this.#run(`dd if=/dev/zero of=${device} bs=1M count=${mebibytes} oflag=direct`);
  }

  /** So many writes to a disk; `seed` says where. */
  async some(device: string, count: number, seed: number): Promise<void> {
    await this.#run(this.#command(device, 'plain', count, `${seed}`));
  }

  /** The time of a write to one disk beside that of a write to another one, as the guest sees them. `limit`: how often it may be as long. */
  async compare(what: string, ours: string, theirs: string, flushing: Flushing, limit: number): Promise<Row> {
    // Other places each time: what was written to a new disk before is another thing than what was not.
    const go = (device: string, time: number): string => this.#command(device, flushing, WRITES, `$((2 * n + ${time}))`);
    const round = [go(ours, 0), go(theirs, 0), go(theirs, 1), go(ours, 1)].join('; ');
    const printed = await this.#run(`n=0; while [ $n -lt ${ROUNDS} ]; do ${round}; n=$((n + 1)); done`);
    const times = printed.trim().split('\n').map(meanTime);
    const of = (isOurs: boolean): number =>
      percentile(
        times.filter((_, index) => (index % 4 === 0 || index % 4 === 3) === isOurs),
        0.5,
      );
    const [here, there] = [of(true), of(false)];
    return {
      what: `${what}, as multiple of the time on a disk made by hand (${Math.round(here)} to ${Math.round(there)} µs)`,
      measured: here / there,
      unit: '×',
      limit,
      better: 'less',
    };
  }

  #command(device: string, flushing: Flushing, count: number, seed: string): string {
    // Where it is not told to leave caches alone, it asks for a flush after each write.
    const cached = flushing === 'plain' ? '-C' : '';
    return `${this.#ioping} -B ${cached} -D -WWW -i 0 -s 4k -S 1g -e ${seed} -c ${count} ${device}`;
  }

  #run(script: string): Promise<string> {
    return runInGuest(this.#host, this.#domain, script);
  }
}

/** Microseconds of a write, from a line of raw statistics: the sixth figure is the mean in nanoseconds. */
function meanTime(line: string): number {
  const mean = Number(line.split(' ')[5]);
  if (!(mean > 0)) throw new Error(`odd statistics: ${line}`);
  return mean / 1000;
}
