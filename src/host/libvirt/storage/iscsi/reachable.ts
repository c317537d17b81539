import { lookup } from 'node:dns/promises';
import { createConnection } from 'node:net';
import { refusal } from '../../../storage-refusal.js';

/** Milliseconds for a target to take a connection: where it does not, the program for it tries for minutes. */
const CONNECT_PATIENCE = 10_000;

/** The address of a server. Rejects with SR_BACKEND_FAILURE_140 when there is none of the name. */
export async function addressOf(name: string): Promise<string> {
  try {
    return (await lookup(name.replace(/^\[|\]$/g, ''))).address;
  } catch {
    throw refusal('unknownName', `There is no host ${name}`);
  }
}

/** Rejects with SR_BACKEND_FAILURE_141 when nothing listens. */
export async function needService(host: string, port: string): Promise<void> {
  const socket = createConnection({ host, port: Number(port), timeout: CONNECT_PATIENCE });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('timeout', () => reject(new Error('no answer')));
      socket.once('error', reject);
    });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw refusal('noIscsiTarget', `${host} serves no iSCSI on port ${port}: ${why}`);
  } finally {
    socket.destroy();
  }
}
