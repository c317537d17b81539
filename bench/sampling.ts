import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from './table.js';

/** Milliseconds between two samples of a daemon. */
const TICK = 5000;
/** Samples that are watched, after two that load and make what is new. */
const SAMPLES = 6;
/** Linux tells of processes in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU time that a process has used. */
function cpuSeconds(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = rest.split(' ').slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

/** Share of one core that a daemon takes while nobody asks it anything: it samples its hosts and keeps what it finds. */
export async function measureSampling(
  { process: { pid } }: { readonly process: { readonly pid?: number | undefined } },
  what: string,
  limit: number,
): Promise<Row[]> {
  if (pid === undefined) throw new Error('the daemon has no process id');
  await sleep(2 * TICK);
  const [before, began] = [cpuSeconds(pid), performance.now()];
  await sleep(SAMPLES * TICK);
  const seconds = (performance.now() - began) / 1000;
  const share = ((cpuSeconds(pid) - before) / seconds) * 100;
  return [{ what: `sampling ${what}, share of one core`, measured: share, unit: '%', limit, better: 'less' }];
}
