import { Client } from './client.js';
import { type MeasuredDaemon, PASSWORD } from './daemon.js';
import { percentile } from './statistics.js';
import type { Row } from './table.js';

interface Batch {
  readonly token: string;
  readonly events: readonly unknown[];
}

const WAITERS = 100;

/** Milliseconds from sending a change until all of the waiting clients have heard of it. */
async function latencies(port: number, waiters: number, changes: number): Promise<number[]> {
  const writer = await Client.login(port, PASSWORD);
  const [vm = ''] = await writer.call<string[]>('VM.get_all');
  const listeners = await Promise.all(Array.from({ length: waiters }, () => Client.login(port, PASSWORD)));
  const start = await listeners[0]?.call<Batch>('event.from', ['vm'], '', 0.5);
  let tokens = listeners.map(() => start?.token ?? '');
  const samples: number[] = [];
  for (let i = 0; i < changes; i++) {
    const waiting = listeners.map((listener, n) => listener.call<Batch>('event.from', ['vm'], tokens[n] ?? '', 10.5));
    // Calls on another connection: when they are answered, the waiters wait. A pause would measure how fast the machine wakes up.
    for (let asked = 0; asked < 10; asked++) await writer.call('VM.get_name_label', vm);
    const began = performance.now();
    const written = writer.call('VM.set_name_description', vm, `change ${i} ${began}`);
    const batches = await Promise.all(waiting);
    samples.push(performance.now() - began);
    await written;
    if (batches.some((batch) => batch.events.length !== 1)) throw new Error('a waiter heard of something else than the change');
    tokens = batches.map((batch) => batch.token);
  }
  for (const client of [writer, ...listeners]) client.close();
  return samples;
}

/** How fast a change reaches those who wait, at a number of VMs. */
export async function measureEvents({ port }: MeasuredDaemon, vms: number): Promise<Row[]> {
  const original = vms <= 100 ? '1.5 ms' : '7–13 ms';
  const size = vms.toLocaleString('en');
  const one = percentile(await latencies(port, 1, 200), 0.5);
  const all = percentile(await latencies(port, WAITERS, 30), 0.5);
  return [
    {
      what: `one change to one waiting client, ${size} VMs (p50)`,
      measured: one,
      unit: 'ms',
      limit: 1,
      better: 'less',
      original,
    },
    { what: `one change to ${WAITERS} waiting clients, ${size} VMs (p50)`, measured: all, unit: 'ms', limit: 20, better: 'less' },
  ];
}
