import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CardCounters, HostCounterSource, HostCounters } from './host-counters.js';
import { parseCards, parseCpuTimes, parseLoad, parseMemory } from './kernel-text.js';

/** Devices whose kind is remembered. Names of taps are many over the years, so that it begins anew some day. */
const MAX_KNOWN = 4096;

/** Kinds of devices that carry what other devices carry too. */
const UPPER = new Set(['bond', 'team', 'vlan', 'bridge']);

/** Where a kernel shows what it knows. */
export interface KernelFiles {
  readonly proc: string;
  readonly sys: string;
}

const FILES: KernelFiles = { proc: '/proc', sys: '/sys' };

interface DeviceKind {
  readonly hardware: boolean;
  /** What the kernel calls it; empty for most. */
  readonly type: string;
}

/** Counters of the machine that the daemon runs on, from its kernel. */
export class LocalCounters implements HostCounterSource {
  readonly #files: KernelFiles;
  readonly #cards: (() => readonly string[]) | undefined;
  readonly #known = new Map<string, DeviceKind>();

  /** `cards`: names of the devices that are PIFs of the host; without it those are that there is hardware for, and bonds. */
  constructor(cards?: () => readonly string[], files: KernelFiles = FILES) {
    this.#cards = cards;
    this.#files = files;
  }

  async read(): Promise<HostCounters> {
    const { proc } = this.#files;
    const [stat, load, memory, net] = await Promise.all(
      ['stat', 'loadavg', 'meminfo', 'net/dev'].map((name) => readFile(join(proc, name), 'utf8')),
    );
    return {
      cpus: parseCpuTimes(stat ?? ''),
      load: parseLoad(load ?? ''),
      memoryTotalKib: parseMemory(memory ?? '', 'MemTotal'),
      memoryFreeKib: parseMemory(memory ?? '', 'MemAvailable'),
      cards: await this.#onlyCards(parseCards(net ?? '')),
    };
  }

  async #onlyCards(devices: readonly Omit<CardCounters, 'upper'>[]): Promise<CardCounters[]> {
    const wanted = this.#cards && new Set(this.#cards());
    const cards: CardCounters[] = [];
    for (const one of devices) {
      if (wanted && !wanted.has(one.device)) continue;
      const { hardware, type } = await this.#kindOf(one.device);
      if (wanted || hardware || type === 'bond') cards.push({ ...one, upper: UPPER.has(type) });
    }
    return cards;
  }

  async #kindOf(device: string): Promise<DeviceKind> {
    const known = this.#known.get(device);
    if (known) return known;
    const directory = join(this.#files.sys, 'class/net', device);
    const [hardware, event] = await Promise.all([
      access(join(directory, 'device')).then(
        () => true,
        () => false,
      ),
      readFile(join(directory, 'uevent'), 'utf8').catch(() => ''),
    ]);
    const kind = { hardware, type: /^DEVTYPE=(\w+)$/m.exec(event)?.[1] ?? '' };
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(device, kind);
    return kind;
  }
}
