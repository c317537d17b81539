import { Client } from './client.js';
import { PASSWORD, startDaemon } from './daemon.js';
import type { Row } from './table.js';

/** Start on a data directory that holds a pool, as after an upgrade or a crash. */
export async function measureStart(dataDir: string, emulate: string): Promise<Row[]> {
  const daemon = await startDaemon(dataDir, emulate);
  const client = await Client.login(daemon.port, PASSWORD);
  const { length: vms } = await client.call<string[]>('VM.get_all');
  if (vms < 5000) throw new Error(`only ${vms} VMs came back`);
  client.close();
  const resident = daemon.resident();
  await daemon.stop();
  return [
    {
      what: 'start with 5,000 VMs from SQLite',
      measured: daemon.startup / 1000,
      unit: 's',
      limit: 2,
      better: 'less',
      original: '4.5 s',
    },
    { what: 'resident memory after it', measured: resident, unit: 'MiB', limit: 400, better: 'less', original: '470–560 MB' },
  ];
}
