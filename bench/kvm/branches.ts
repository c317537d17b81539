import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../test-support/libvirt/execute.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { percentile, timed } from '../statistics.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';

const GIB = 2 ** 30;
const ROUNDS = 15;
/** Disks of the SR that is scanned. */
const VOLUMES = Number(process.env.BENCH_VOLUMES ?? 2000);
const SCANS = 3;

/** Snapshots and clones of large disks beside those of small ones, and the scan of a directory with many. */
export async function measureBranches(host: LabHost, { client }: KvmDaemon): Promise<Row[]> {
  const [sr] = await client.call<string[]>('SR.get_by_name_label', 'Local storage');
  if (sr === undefined) throw new Error('there is no SR for disks');
  const create = (virtual_size: number): Promise<string> => {
    const common = { type: 'user', sharable: false, read_only: false, other_config: {} };
    return client.call<string>('VDI.create', { SR: sr, name_label: 'branch', virtual_size, ...common });
  };
  const [small, large] = [await create(GIB), await create(1024 * GIB)];
  const rows: Row[] = [];
  for (const operation of ['snapshot', 'clone'] as const) {
    const times = { small: [] as number[], large: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const size of ['small', 'large'] as const) {
        let made = '';
        const disk = size === 'small' ? small : large;
        const ms = await timed(async () => {
          made = await client.call<string>(`VDI.${operation}`, disk, {});
        });
        await client.call('VDI.destroy', made);
        // The first of each finds nothing in memory.
        if (round > 0) times[size].push(ms);
      }
    }
    const [few, many] = [percentile(times.small, 0.5), percentile(times.large, 0.5)];
    rows.push({
      what: `${operation} of a sparse disk of 1 TiB, as multiple of one of 1 GiB (${many.toFixed(1)} to ${few.toFixed(1)} ms)`,
      measured: many / few,
      unit: '×',
      limit: 1.5,
      better: 'less',
    });
  }
  for (const disk of [small, large]) await client.call('VDI.destroy', disk);
  rows.push(await scanOfFiles(host, client));
  return rows;
}

async function scanOfFiles(host: LabHost, client: KvmDaemon['client']): Promise<Row> {
  const location = await mkdtemp(join(host.shared, 'many-'));
  const model = join(location, 'disk-0.qcow2');
  await execute('qemu-img', ['create', '-q', '-f', 'qcow2', model, '1G']);
  for (let n = 1; n < VOLUMES; n++) await copyFile(model, join(location, `disk-${n}.qcow2`));
  const [only = ''] = await client.call<string[]>('host.get_all');
  const sr = await client.call<string>('SR.create', only, { location }, 0, 'many', '', 'file', 'user', false, {});
  try {
    await client.call('SR.scan', sr);
    const found = (await client.call<string[]>('SR.get_VDIs', sr)).length;
    if (found !== VOLUMES) throw new Error(`a scan has found ${found} disks`);
    const scans: number[] = [];
    for (let n = 0; n < SCANS; n++) scans.push(await timed(() => client.call('SR.scan', sr)));
    const what = `scan of a file SR with ${VOLUMES} disks`;
    return { what, measured: percentile(scans, 0.5) / 1000, unit: 's', limit: 2, better: 'less' };
  } finally {
    for (const pbd of await client.call<string[]>('SR.get_PBDs', sr)) await client.call('PBD.unplug', pbd);
    await client.call('SR.forget', sr);
    await rm(location, { recursive: true });
  }
}
