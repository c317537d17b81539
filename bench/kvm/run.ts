import { startHost } from '../../test-support/libvirt/host/host.js';
import { formatTable, type Row, reached } from '../table.js';
import { measureBranches } from './branches.js';
import { startKvmDaemon } from './daemon.js';
import { measureDiskStreams } from './disk-streams.js';
import { defineDomains, removeDomains } from './domains.js';
import { measureGuestWrites } from './guest-writes.js';
import { measureLiving } from './sampling.js';
import { measureManyStarts, measureStart } from './starting.js';
import { measureTelling } from './telling.js';
import { measureVolumeGroups } from './volume-groups.js';

/** What the gateway costs beside libvirt itself, on a real host: `npm run bench:kvm`. Exit code 1 when a limit is missed. */
const AT_ONCE = Number(process.env.BENCH_AT_ONCE ?? 50);
const EXISTING = Number(process.env.BENCH_EXISTING ?? 200);
const PARTS = new Set((process.env.BENCH_PARTS ?? 'start,telling,many,living,disks,branches,writes,volumes').split(','));

async function measure(): Promise<Row[]> {
  const host = await startHost();
  try {
    const rows: Row[] = [];
    const add = (...measured: Row[]): void => {
      rows.push(...measured);
      // Minutes pass between them.
      for (const { what, measured: value, unit } of measured) process.stderr.write(`${what}: ${value.toPrecision(3)} ${unit}\n`);
    };
    const empty = await startKvmDaemon(host);
    await empty.stop();
    const domains = await defineDomains(host, EXISTING, 'existing');
    const daemon = await startKvmDaemon(host);
    add({
      what: `start beside ${EXISTING} existing domains, from the process to the first answer (${(empty.startup / 1000).toFixed(1)} s beside none)`,
      measured: daemon.startup / 1000,
      unit: 's',
      limit: 2,
      better: 'less',
    });
    try {
      const [first] = domains;
      if (!first) throw new Error('there are no domains');
      if (PARTS.has('start')) add(...(await measureStart(host, daemon, first)));
      if (PARTS.has('telling')) add(...(await measureTelling(host, daemon, first)));
      if (PARTS.has('many')) add(...(await measureManyStarts(host, daemon, domains.slice(0, AT_ONCE))));
      if (PARTS.has('disks')) add(...(await measureDiskStreams(host, daemon)));
      if (PARTS.has('branches')) add(...(await measureBranches(host, daemon)));
      if (PARTS.has('writes')) add(...(await measureGuestWrites(host, daemon)));
      if (PARTS.has('living')) add(...(await measureLiving(host, daemon, domains)));
    } finally {
      await daemon.stop();
      await removeDomains(host, domains);
    }
    if (PARTS.has('volumes')) add(...(await measureVolumeGroups(host)));
    return rows;
  } finally {
    await host.close();
  }
}

const rows = await measure();
process.stdout.write(`${formatTable(rows)}\n`);
process.exitCode = rows.every(reached) ? 0 : 1;
