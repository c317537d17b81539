import { v4 as newUuid } from 'uuid';
import { driverOf } from './drivers.js';
import { SrStore } from './sr-store.js';

/**
 * A process to be killed: works on an SR in the directory that it is given and prints a line for everything that it has
 * done. Each disk holds its number in every block that was written.
 */
const [directory = ''] = process.argv.slice(2);
const store = new SrStore('11111111-1111-4111-8111-111111111111', directory, driverOf('ext'), 2 ** 40, () => process.exit(3));
const said = (line: string): void => void process.stdout.write(`${line}\n`);
const snapshots: string[] = [];
const { location } = await store.create(
  { uuid: newUuid(), virtualSize: 2 ** 22, name: '', description: '', smConfig: new Map() },
  newUuid(),
);
said(`active ${location}`);
for (let round = 1; ; round++) {
  // Odd places and lengths, so that blocks are written in part.
  await store.write(location, (round % 40) * 70_000, Buffer.alloc(90_000, round % 250));
  said(`written ${round}`);
  const { location: snapshot } = await store.snapshot(location, newUuid());
  snapshots.push(snapshot);
  said(`snapshot ${round} ${snapshot}`);
  if (snapshots.length < 4) continue;
  const gone = snapshots.splice(round % 3, 1)[0] ?? '';
  said(`destroying ${gone}`);
  await store.destroy(gone);
}
