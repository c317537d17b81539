import { type Changes, perSecond } from './changes.js';
import type { DeviceNumbers } from './device-numbers.js';
import { type DiskActivity, sampleDisk } from './disk-samples.js';
import type { DiskCounters, DomainCounters, NicCounters } from './domain-counters.js';
import type { Samples } from './samples.js';

const KIB = 1024;
const NANOSECONDS = 1e9;

/** Adds what a domain does. Gives what each of its disks does, with the SR that it is in. `at`: milliseconds at which the counters were read. */
export function sampleDomain(
  samples: Samples,
  domain: DomainCounters,
  numbers: DeviceNumbers | undefined,
  changes: Changes,
  at: number,
): readonly DiskActivity[] {
  sampleCpus(samples, domain, changes, at);
  const { memory, memoryUnused } = domain;
  samples.add('memory', 'Memory of the guest', 'B', memory && memory * KIB);
  samples.add('memory_target', 'Memory that the guest is to have', 'B', memory && memory * KIB);
  samples.add('memory_internal_free', 'Memory that is free inside the guest', 'KiB', memoryUnused);
  if (!numbers) return [];
  for (const nic of domain.nics) {
    const position = numbers.nics.get(nic.target);
    if (position !== undefined) sampleNic(samples, nic, position, changes, at);
  }
  return domain.disks.flatMap((disk: DiskCounters) => {
    const number = numbers.disks.get(disk.target);
    if (number?.kind !== 'Disk') return [];
    return sampleDisk(samples, disk, number, changes, at) ?? [];
  });
}

function sampleCpus(samples: Samples, { vcpus, cpuTime }: DomainCounters, changes: Changes, at: number): void {
  const share = (name: string, time: number | undefined) => {
    const rate = perSecond(changes.of(name, time, at));
    return rate === undefined ? undefined : Math.min(1, rate / NANOSECONDS);
  };
  let sum = 0;
  let known = 0;
  for (const { number, time } of vcpus) {
    const usage = share(`cpu${number}`, time);
    if (usage === undefined) continue;
    samples.add(`cpu${number}`, `Virtual CPU ${number} usage`, '(fraction)', usage, 1);
    sum += usage;
    known++;
  }
  const all = perSecond(changes.of('cpu', cpuTime, at));
  if (known) samples.add('cpu_usage', 'Average of all virtual CPUs', '(fraction)', sum / known, 1);
  // QEMU does not always have a thread for each virtual CPU; then the time of the whole process is all that there is.
  else if (all !== undefined && vcpus.length)
    samples.add('cpu_usage', 'Average of all virtual CPUs', '(fraction)', all / NANOSECONDS / vcpus.length, 1);
}

function sampleNic(samples: Samples, { target, values }: NicCounters, position: number, changes: Changes, at: number): void {
  const rate = (field: string) => perSecond(changes.of(`${target} ${field}`, values.get(field), at));
  samples.add(`vif_${position}_rx`, `Bytes received by card ${position}`, 'B/s', rate('rx.bytes'));
  samples.add(`vif_${position}_tx`, `Bytes sent by card ${position}`, 'B/s', rate('tx.bytes'));
  samples.add(`vif_${position}_rx_errors`, `Errors receiving by card ${position}`, 'err/s', rate('rx.errs'));
  samples.add(`vif_${position}_tx_errors`, `Errors sending by card ${position}`, 'err/s', rate('tx.errs'));
}
