import { guestWrite, openLiveSr } from './live-sr.js';

/**
 * A process to be killed: writes to the disk of a running domain as its guest does, snapshots it, and destroys the snapshots again, so
 * that layers become one all the time. Prints a line for everything that it has done.
 */
const [uri = '', name = '', shared = '', location = '', uuid = '', domain = '', vbd = '', disk = ''] = process.argv.slice(2);
const live = await openLiveSr(
  { uri, name, shared },
  {
    uuid,
    type: 'file',
    deviceConfig: new Map([['location', location]]),
    smConfig: new Map(),
    contentType: 'user',
    shared: false,
  },
);
const said = (line: string): void => void process.stdout.write(`${line}\n`);
const volume = { sr: uuid, location: disk };
said(`disk ${disk}`);
for (let round = 1; round < 60; round++) {
  await guestWrite(uri, domain, vbd, round, round);
  said(`written ${round}`);
  const snapshot = await live.snapshot(volume);
  said(`snapshot ${round} ${snapshot.location}`);
  said(`destroying ${snapshot.location}`);
  await live.storage.destroyVolume(snapshot);
  // Some of the merges come to their end.
  await new Promise((resolve) => setTimeout(resolve, (round % 4) * 300));
}
