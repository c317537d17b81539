import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FoundConsole } from './access.js';
import { ScanCodeTranslator } from './scan-codes.js';

/** Passes the bytes of a console and of a client to each other until one of them is gone; then both are. */
export async function relay(client: Duplex, console: Duplex, protocol: FoundConsole['protocol']): Promise<void> {
  const upwards = protocol === 'rfb' ? [client, new ScanCodeTranslator(), console] : [client, console];
  const ways = [pipeline(upwards), pipeline(console, client)];
  // That a side went away is how every session ends.
  await Promise.race(ways.map((way) => way.catch(() => undefined)));
  client.destroy();
  console.destroy();
  await Promise.allSettled(ways);
}
