import { Client, jsonRequest, xmlRequest } from './client.js';
import { Connection } from './connection.js';
import { type MeasuredDaemon, PASSWORD } from './daemon.js';
import { percentile, timed } from './statistics.js';
import type { Row } from './table.js';

const ROUNDS = 9;

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

/** Milliseconds of getters on another connection while listings go out one after the other. */
async function othersMeanwhile(port: number, client: Client, listing: Buffer, vm: string): Promise<Row> {
  const [busy, other] = [await Connection.open(port), await Connection.open(port)];
  const getter = xmlRequest('VM.get_name_label', client.session, vm);
  let listings = ROUNDS;
  const samples: number[] = [];
  const list = async () => {
    for (; listings > 0; listings--) await busy.send(listing, false);
  };
  const ask = async () => {
    while (listings > 0) {
      samples.push(await timed(() => other.send(getter)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await Promise.all([list(), ask()]);
  busy.close();
  other.close();
  return {
    what: "other clients' getters meanwhile (p99)",
    measured: percentile(samples, 0.99),
    unit: 'ms',
    limit: 20,
    better: 'less',
  };
}
