import type { CardCounters, CpuTime } from './host-counters.js';

/** CPUs from the text of `/proc/stat`. */
export function parseCpuTimes(text: string): CpuTime[] {
  const cpus: CpuTime[] = [];
  for (const line of text.split('\n')) {
    const [, number, rest] = /^cpu(\d+) (.*)$/.exec(line) ?? [];
    if (number === undefined || rest === undefined) continue;
    // Guests' time is in the user's time already, so the last two are left out.
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = rest
      .trim()
      .split(/\s+/)
      .map(Number);
    const busy = user + nice + system + irq + softirq + steal;
    cpus.push({ number: Number(number), busy, total: busy + idle + iowait });
  }
  return cpus;
}

/** The average of the last minute from the text of `/proc/loadavg`. */
export function parseLoad(text: string): number | undefined {
  const load = Number.parseFloat(text);
  return Number.isNaN(load) ? undefined : load;
}

/** A value in KiB from the text of `/proc/meminfo`. */
export function parseMemory(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** All devices from the text of `/proc/net/dev`. */
export function parseCards(text: string): Omit<CardCounters, 'upper'>[] {
  const cards: Omit<CardCounters, 'upper'>[] = [];
  for (const line of text.split('\n')) {
    const [, device, rest] = /^\s*([^\s:]+):\s*(\d.*)$/.exec(line) ?? [];
    if (device === undefined || rest === undefined) continue;
    const [received = 0, , receiveErrors = 0, , , , , , sent = 0, , sendErrors = 0] = rest.trim().split(/\s+/).map(Number);
    cards.push({ device, received, receiveErrors, sent, sendErrors });
  }
  return cards;
}
