import { type Change, type Changes, perSecond } from './changes.js';
import type { DiskNumber } from './device-numbers.js';
import type { DiskCounters } from './domain-counters.js';
import type { Samples } from './samples.js';

const MIB = 2 ** 20;
const NANOSECONDS = 1e9;
const NANOSECONDS_PER_MICROSECOND = 1000;

/** What a disk does in a second, one way. Time: seconds that its requests have taken together. */
interface Flow {
  readonly bytes: number;
  readonly requests: number;
  readonly time: number;
}

/** What a disk does in a second, and the SR in which it does so. */
export interface DiskActivity {
  readonly sr: string | undefined;
  readonly read: Flow;
  readonly write: Flow;
}

/** Adds what a disk does; undefined when its counters are not known now. */
export function sampleDisk(
  samples: Samples,
  { target, values }: DiskCounters,
  { position, sr }: DiskNumber,
  changes: Changes,
  at: number,
): DiskActivity | undefined {
  const change = (field: string) => changes.of(`${target} ${field}`, values.get(field), at);
  const read = flow(change('rd.bytes'), change('rd.reqs'), change('rd.times'));
  const write = flow(change('wr.bytes'), change('wr.reqs'), change('wr.times'));
  if (!read || !write) return undefined;
  const disk = `vbd_${deviceName(position)}`;
  samples.add(`${disk}_read`, `Bytes read from ${disk}`, 'B/s', read.bytes);
  samples.add(`${disk}_write`, `Bytes written to ${disk}`, 'B/s', write.bytes);
  samples.add(`${disk}_read_latency`, `Time of a read from ${disk}`, 'μs', latency(read));
  samples.add(`${disk}_write_latency`, `Time of a write to ${disk}`, 'μs', latency(write));
  samples.add(`${disk}_io_throughput_read`, `Data read from ${disk}`, 'MiB/s', read.bytes / MIB);
  samples.add(`${disk}_io_throughput_write`, `Data written to ${disk}`, 'MiB/s', write.bytes / MIB);
  samples.add(`${disk}_io_throughput_total`, `Data moved by ${disk}`, 'MiB/s', (read.bytes + write.bytes) / MIB);
  samples.add(`${disk}_iops_read`, `Requests to read from ${disk}`, 'requests/s', read.requests);
  samples.add(`${disk}_iops_write`, `Requests to write to ${disk}`, 'requests/s', write.requests);
  samples.add(`${disk}_iops_total`, `Requests to ${disk}`, 'requests/s', read.requests + write.requests);
  samples.add(`${disk}_iowait`, `Time spent waiting for ${disk}`, '(fraction)', read.time + write.time, 1);
  samples.add(`${disk}_inflight`, `Requests under way to ${disk}`, 'requests', read.time + write.time);
  return { sr, read, write };
}

/** Adds what the domains of a host do in an SR together. */
export function sampleSrActivity(samples: Samples, sr: string, activities: readonly DiskActivity[]): void {
  const short = sr.slice(0, 8);
  const own = activities.filter((one) => one.sr === sr);
  const [read, write] = [together(own.map((one) => one.read)), together(own.map((one) => one.write))];
  for (const [way, one] of [
    ['read', read],
    ['write', write],
  ] as const) {
    samples.add(`io_throughput_${way}_${short}`, `Data ${way} in SR ${short}`, 'MiB/s', one.bytes / MIB);
    samples.add(`iops_${way}_${short}`, `Requests to ${way} in SR ${short}`, 'requests/s', one.requests);
    samples.add(`${way}_latency_${short}`, `Time of a ${way} in SR ${short}`, 'μs', latency(one));
  }
  const all = together([read, write]);
  samples.add(`io_throughput_total_${short}`, `Data moved in SR ${short}`, 'MiB/s', all.bytes / MIB);
  samples.add(`iops_total_${short}`, `Requests in SR ${short}`, 'requests/s', all.requests);
  samples.add(`iowait_${short}`, `Time spent waiting for SR ${short}`, '(fraction)', all.time, 1);
  samples.add(`inflight_${short}`, `Requests under way in SR ${short}`, 'requests', all.time);
}

function flow(bytes: Change | undefined, requests: Change | undefined, times: Change | undefined): Flow | undefined {
  const [perBytes, perRequests, perTimes] = [perSecond(bytes), perSecond(requests), perSecond(times)];
  if (perBytes === undefined || perRequests === undefined) return undefined;
  return { bytes: perBytes, requests: perRequests, time: (perTimes ?? 0) / NANOSECONDS };
}

function together(flows: readonly Flow[]): Flow {
  return flows.reduce(
    (sum, { bytes, requests, time }) => ({
      bytes: sum.bytes + bytes,
      requests: sum.requests + requests,
      time: sum.time + time,
    }),
    { bytes: 0, requests: 0, time: 0 },
  );
}

/** Microseconds that a request takes; 0 when there was none. */
function latency({ requests, time }: Flow): number {
  return requests > 0 ? (time / requests) * (NANOSECONDS / NANOSECONDS_PER_MICROSECOND) : 0;
}

/** Name of a disk inside a guest, as the model has it: `xvda` for 0. */
function deviceName(position: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (position % 26));
  return position < 26 ? `xvd${letter}` : `xvd${String.fromCharCode('a'.charCodeAt(0) + Math.floor(position / 26) - 1)}${letter}`;
}
