import { type Changes, perSecond } from './changes.js';
import type { HostCounters } from './host-counters.js';
import type { Samples } from './samples.js';

/** Adds what a host says of itself. `at`: milliseconds at which the counters were read. */
export function sampleHost(samples: Samples, counters: HostCounters, changes: Changes, at: number): void {
  sampleCpus(samples, counters, changes, at);
  samples.add('loadavg', "Load of the host's own system", '(fraction)', counters.load);
  samples.add('memory_total_kib', 'Memory of the host', 'KiB', counters.memoryTotalKib);
  samples.add('memory_free_kib', 'Memory that is free', 'KiB', counters.memoryFreeKib);
  sampleCards(samples, counters, changes, at);
}

function sampleCpus(samples: Samples, { cpus }: HostCounters, changes: Changes, at: number): void {
  let sum = 0;
  let count = 0;
  for (const { number, busy, total } of cpus) {
    const passed = changes.of(`cpu${number} total`, total, at)?.amount;
    const used = changes.of(`cpu${number} busy`, busy, at)?.amount;
    if (!passed || used === undefined) continue;
    const usage = Math.min(1, used / passed);
    samples.add(`cpu${number}`, `Physical CPU ${number} usage`, '(fraction)', usage, 1);
    sum += usage;
    count++;
  }
  if (!count) return;
  samples.add('cpu_avg', 'Average of all physical CPUs', '(fraction)', sum / count, 1);
  samples.add('hostload', 'Load per physical CPU', '(fraction)', sum / count);
}

function sampleCards(samples: Samples, { cards }: HostCounters, changes: Changes, at: number): void {
  if (!cards) return;
  let received = 0;
  let sent = 0;
  for (const card of cards) {
    const { device } = card;
    const rate = (what: string, value: number) => perSecond(changes.of(`${what} ${device}`, value, at));
    const rx = rate('rx', card.received);
    const tx = rate('tx', card.sent);
    if (!card.upper) {
      received += rx ?? 0;
      sent += tx ?? 0;
    }
    samples.add(`pif_${device}_rx`, `Bytes received on ${device}`, 'B/s', rx);
    samples.add(`pif_${device}_tx`, `Bytes sent on ${device}`, 'B/s', tx);
    samples.add(`pif_${device}_rx_errors`, `Errors receiving on ${device}`, 'err/s', rate('rx errors', card.receiveErrors));
    samples.add(`pif_${device}_tx_errors`, `Errors sending on ${device}`, 'err/s', rate('tx errors', card.sendErrors));
  }
  samples.add('pif_aggr_rx', 'Bytes received on all cards', 'B/s', received);
  samples.add('pif_aggr_tx', 'Bytes sent on all cards', 'B/s', sent);
}
