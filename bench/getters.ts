import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client, xmlRequest } from './client.js';
import { type MeasuredDaemon, PASSWORD } from './daemon.js';
import { rate } from './rate.js';
import type { Row } from './table.js';

const MILLISECONDS = 4000;
const CONNECTIONS = 8;

/** Small reads, beside a bare server that sends the same bytes in the same run. */
export async function measureGetters({ port }: MeasuredDaemon): Promise<Row[]> {
  const client = await Client.login(port, PASSWORD);
  const [vm = ''] = await client.call<string[]>('VM.get_all');
  const getter = xmlRequest('VM.get_name_label', client.session, vm);
  const reply = await client.connection.send(getter);
  const calls = await rate(port, CONNECTIONS, MILLISECONDS, () => getter);
  const bare = await bareRate(reply, getter);
  const one = 1000 / (await rate(port, 1, MILLISECONDS / 2, () => getter));
  const record = xmlRequest('VM.get_record', client.session, vm);
  const oneRecord = 1000 / (await rate(port, 1, MILLISECONDS / 2, () => record));
  client.close();
  return [
    { what: 'getter, 8 connections', measured: calls, unit: 'calls/s', limit: 12_000, better: 'more' },
    { what: 'getter against bare node:http, same bytes', measured: calls / bare, unit: 'of it', limit: 0.5, better: 'more' },
    { what: 'getter, 1 connection', measured: one, unit: 'ms', limit: 0.11, better: 'less', original: '0.11 ms' },
    { what: '`VM.get_record`, 1 connection', measured: oneRecord, unit: 'ms', limit: 0.16, better: 'less', original: '0.16 ms' },
  ];
}

async function bareRate(reply: Buffer, request: Buffer): Promise<number> {
  const server = spawn(process.execPath, [fileURLToPath(new URL('./bare-http.js', import.meta.url)), reply.toString('base64')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) =>
    server.stdout.once('data', (data: Buffer) => resolve(Number(data.toString()))),
  );
  const calls = await rate(port, CONNECTIONS, MILLISECONDS, () => request);
  server.kill();
  return calls;
}
