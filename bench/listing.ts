import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client, jsonRequest, xmlRequest } from './client.js';
import { Connection } from './connection.js';
import { type MeasuredDaemon, PASSWORD } from './daemon.js';
import { percentile, timed } from './statistics.js';
import type { Row } from './table.js';

const ROUNDS = 9;

/** Listings during which other clients are measured: enough for a hundredth of their calls to be more than one. */
const MEANWHILE = 60;

/** The largest reply that clients ask for: all records of 5,000 VMs, and what others feel of it. */
export async function measureListing({ port }: MeasuredDaemon): Promise<Row[]> {
  const client = await Client.login(port, PASSWORD);
  const vms = await client.call<string[]>('VM.get_all');
  const requests = {
    XML: xmlRequest('VM.get_all_records', client.session),
    JSON: jsonRequest('VM.get_all_records', client.session),
  };
  const rows: Row[] = [];
  for (const [wire, request] of Object.entries(requests)) {
    const connection = await Connection.open(port);
    const limit = wire === 'XML' ? 120 : 60;
    await connection.send(request, false);
    const unchanged = percentile(await repeat(() => timed(() => connection.send(request, false))), 0.5);
    const changed = percentile(
      await repeat(async (round) => {
        for (const vm of vms.slice(0, vms.length / 100))
          await client.call('VM.set_name_description', vm, `round ${round} of ${wire}`);
        return timed(() => connection.send(request, false));
      }),
      0.5,
    );
    connection.close();
    rows.push(
      {
        what: `\`VM.get_all_records\`, 5,000 VMs, ${wire}`,
        measured: unchanged,
        unit: 'ms',
        limit,
        better: 'less',
        original: '610–970 ms',
      },
      { what: `the same with 1 % changed, ${wire}`, measured: changed, unit: 'ms', limit: 1.3 * limit, better: 'less' },
    );
  }
  rows.push(await othersMeanwhile(port, client, requests.XML, vms[0] ?? ''));
  client.close();
  return rows;
}

async function repeat(work: (round: number) => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) samples.push(await work(round));
  return samples;
}

/** Milliseconds of the getters of a client in a process of its own, while listings go out one after the other. */
async function othersMeanwhile(port: number, client: Client, listing: Buffer, vm: string): Promise<Row> {
  const request = xmlRequest('VM.get_name_label', client.session, vm);
  const program = fileURLToPath(new URL('./other-client.js', import.meta.url));
  const other = fork(program, [String(port), request.toString('base64')]);
  const told = <T>() => new Promise<T>((resolve) => other.once('message', (message) => resolve(message as T)));
  await told();
  const busy = await Connection.open(port);
  for (let round = 0; round < MEANWHILE; round++) await busy.send(listing, false);
  busy.close();
  const samples = told<number[]>();
  other.send('stop');
  return {
    what: "other clients' getters meanwhile (p99)",
    measured: percentile(await samples, 0.99),
    unit: 'ms',
    limit: 20,
    better: 'less',
  };
}
