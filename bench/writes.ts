import { Client, xmlRequest } from './client.js';
import { type MeasuredDaemon, PASSWORD } from './daemon.js';
import { rate } from './rate.js';
import type { Row } from './table.js';

/** Durable writes: each reply leaves after its change is on disk. Every connection renames a VM of its own, each time to something new. */
export async function measureWrites({ port }: MeasuredDaemon): Promise<Row[]> {
  const client = await Client.login(port, PASSWORD);
  const vms = await client.call<string[]>('VM.get_all');
  const calls = await rate(port, 8, 4000, (connection, call) =>
    xmlRequest('VM.set_name_label', client.session, vms[connection] ?? '', `name ${connection} ${call}`),
  );
  client.close();
  return [
    {
      what: 'durable `set_name_label`, 8 connections',
      measured: calls,
      unit: 'calls/s',
      limit: 4000,
      better: 'more',
      original: '3,500–5,500 calls/s, not durable',
    },
  ];
}
