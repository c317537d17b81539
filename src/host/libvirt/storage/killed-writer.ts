import { once } from 'node:events';
import { v4 as newUuid } from 'uuid';
import type { SrSpec } from '../../storage.js';
import { LibvirtStorage } from './libvirt-storage.js';
import { FakeLiveDisks } from './testing/fake-live-disks.js';

/**
 * A process to be killed: works on the SR of that uuid in that directory and prints a line for everything that it has done.
 * Round N writes the byte N to the Nth block of its disk.
 */
const [location = '', uuid = '', runDirectory = ''] = process.argv.slice(2);
const sr: SrSpec = {
  uuid,
  type: 'file',
  deviceConfig: new Map([['location', location]]),
  smConfig: new Map(),
  contentType: 'user',
  shared: false,
};
const live = new FakeLiveDisks();
const storage = new LibvirtStorage({ live: () => live, warn: () => process.exit(3), runDirectory });
const said = (line: string): void => void process.stdout.write(`${line}\n`);
await storage.attach(sr);
const disk = await storage.createVolume(uuid, {
  uuid: newUuid(),
  virtualSize: 2 ** 24,
  name: '',
  description: '',
  smConfig: new Map(),
});
const address = { sr: uuid, location: disk.location };
said(`disk ${disk.location}`);
const snapshots: string[] = [];
for (let round = 1; round < 250; round++) {
  const stream = await storage.write(address, round * 65_536);
  stream.end(Buffer.alloc(65_536, round));
  await once(stream, 'close');
  said(`written ${round}`);
  snapshots.push((await storage.snapshotVolume(address, newUuid())).location);
  said(`snapshot ${round} ${snapshots.at(-1)}`);
  if (snapshots.length < 3) continue;
  const gone = snapshots.shift() ?? '';
  said(`destroying ${gone}`);
  await storage.destroyVolume({ sr: uuid, location: gone });
}
