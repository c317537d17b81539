import { NodeGetMemoryStatsAllCells } from 'node-libvirt';
import type { Session } from '../connection/session.js';
import type { CpuTime, HostCounterSource, HostCounters } from './host-counters.js';

/** Milliseconds for one of these calls, which libvirtd answers from its kernel. */
const PATIENCE = 4000;

interface Named {
  readonly field: string;
  readonly value: number;
}

/** Counters of a host that is reached through libvirt alone. It tells nothing of cards and load. */
export class RemoteCounters implements HostCounterSource {
  readonly #session: Pick<Session, 'read'>;
  /** How many values libvirt has for a CPU. */
  #cpuValues: number | undefined;

  constructor(session: Pick<Session, 'read'>) {
    this.#session = session;
  }

  async read(): Promise<HostCounters> {
    const [{ cpus: count }, memory] = await Promise.all([
      this.#session.read('NODE_GET_INFO', {}, { timeout: PATIENCE }),
      this.#memory(),
    ]);
    const cpus: CpuTime[] = [];
    for (let number = 0; number < count; number++) cpus.push(cpuTime(number, await this.#cpu(number)));
    return {
      cpus,
      load: undefined,
      memoryTotalKib: valueIn(memory, 'total'),
      // What the kernel uses as cache can be had.
      memoryFreeKib: sum(memory, 'free', 'buffers', 'cached'),
      cards: undefined,
    };
  }

  /** libvirt wants to be asked for as many values as it has. */
  async #memory(): Promise<readonly Named[]> {
    const ask = (nparams: number) =>
      this.#session.read(
        'NODE_GET_MEMORY_STATS',
        { nparams, cellNum: NodeGetMemoryStatsAllCells.ALL_CELLS, flags: 0 },
        { timeout: PATIENCE },
      );
    const { nparams } = await ask(0);
    return (await ask(nparams)).params;
  }

  async #cpu(cpuNum: number): Promise<readonly Named[]> {
    const ask = (nparams: number) =>
      this.#session.read('NODE_GET_CPU_STATS', { cpuNum, nparams, flags: 0 }, { timeout: PATIENCE });
    this.#cpuValues ??= (await ask(0)).nparams;
    return (await ask(this.#cpuValues)).params;
  }
}

function cpuTime(number: number, values: readonly Named[]): CpuTime {
  const busy = sum(values, 'kernel', 'user');
  return { number, busy, total: busy + sum(values, 'idle', 'iowait') };
}

function sum(values: readonly Named[], ...names: readonly string[]): number {
  return names.reduce((total, name) => total + (valueIn(values, name) ?? 0), 0);
}

function valueIn(values: readonly Named[], name: string): number | undefined {
  return values.find(({ field }) => field === name)?.value;
}
