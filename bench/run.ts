import { measureCommandLines } from './command-lines.js';
import { newDataDir, removeDataDir, startDaemon } from './daemon.js';
import { measureEvents } from './events.js';
import { measureGetters } from './getters.js';
import { measureListing } from './listing.js';
import { measureSampling } from './sampling.js';
import { measureStart } from './start.js';
import { formatTable, type Row, reached } from './table.js';
import { measureWrites } from './writes.js';

/** Everything that is measured, in one run: `npm run bench`. Exit code 1 when a limit is missed. */
const SMALL = 'hosts=1,vms=100';
const MIDDLE = 'hosts=1,vms=1000';
const LARGE = 'hosts=1,vms=5000';
const RUNNING = 'hosts=1,vms=200,running=200,host-memory=512GiB';

async function measure(): Promise<Row[]> {
  const rows: Row[] = [];
  const small = newDataDir();
  const middle = newDataDir();
  const large = newDataDir();
  const running = newDataDir();
  try {
    const few = await startDaemon(small, SMALL);
    rows.push(...(await measureGetters(few)), ...(await measureWrites(few)), ...(await measureEvents(few, 100)));
    await few.stop();
    const thousand = await startDaemon(middle, MIDDLE);
    rows.push(...(await measureCommandLines(thousand, 1000)));
    await thousand.stop();
    const many = await startDaemon(large, LARGE);
    rows.push(...(await measureListing(many)), ...(await measureEvents(many, 5000)));
    await many.stop();
    rows.push(...(await measureStart(large, LARGE)));
    const busy = await startDaemon(running, RUNNING);
    rows.push(...(await measureSampling(busy, '200 running VMs', 5)));
    await busy.stop();
    return rows;
  } finally {
    removeDataDir(small);
    removeDataDir(middle);
    removeDataDir(large);
    removeDataDir(running);
  }
}

const rows = await measure();
process.stdout.write(`${formatTable(rows)}\n`);
process.exitCode = rows.every(reached) ? 0 : 1;
