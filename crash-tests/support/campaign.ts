import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, newDataDir, remove } from '../../test-support/daemon.js';
import { Rpc } from '../../test-support/rpc.js';
import { XmlRpcSession } from '../../test-support/xmlrpc-session.js';
import { inconsistencies, strayVolumes } from './consistency.js';
import { Snapshot } from './snapshot.js';
import { keepWriting, type Writer } from './writer.js';

/** The pool of a campaign: small, so that it starts fast. */
const POOL = { emulate: 'hosts=1,vms=3,vm-memory=64MiB,vm-disk=16MiB', args: ['--log-level', 'warn'] };

/** Longest time that writers get before a kill, in milliseconds. Half of the kills come within a quarter of it. */
const LONGEST = 400;

/** How a campaign went. */
export interface Outcome {
  readonly kills: number;
  readonly acknowledged: number;
}

/**
 * Kills a daemon again and again while writers change its pool, and looks after each restart whether everything that
 * was acknowledged is there and everything fits together. Rejects with all that is wrong after the first bad restart.
 */
export async function campaign(writers: readonly Writer[], kills: number): Promise<Outcome> {
  const dataDir = await newDataDir();
  try {
    const daemon = await Daemon.start(dataDir, POOL);
    const rpc = await Rpc.login(daemon);
    for (const writer of writers) await writer.prepare(rpc);
    await writeAndKill(daemon, rpc, writers, 0);
    for (let kill = 1; kill < kills; kill++) {
      const again = await Daemon.start(dataDir, POOL);
      const session = await Rpc.login(again);
      await check(session, writers, `after kill ${kill}`);
      await writeAndKill(again, session, writers, kill);
    }
    await endInPeace(dataDir, writers);
  } finally {
    await remove(dataDir);
  }
  return { kills, acknowledged: writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0) };
}

/** Lets all writers work at once, over both wires, and kills the daemon at some moment. */
async function writeAndKill(daemon: Daemon, rpc: Rpc, writers: readonly Writer[], kill: number): Promise<void> {
  let isOver = false;
  const working = writers.map((writer, number) => {
    const caller = (number + kill) % 2 === 0 ? rpc : XmlRpcSession.continue(daemon, rpc.session);
    return keepWriting(writer, caller, () => isOver);
  });
  const failed = Promise.all(working).then(() => undefined);
  // Heard of below; until then it must not count as unhandled.
  failed.catch(() => undefined);
  await Promise.race([sleep(Math.random() ** 2 * LONGEST), failed]);
  isOver = true;
  await daemon.kill();
  rpc.close();
  await failed;
}

/** A start after the last kill, an orderly end, and one more start. */
async function endInPeace(dataDir: string, writers: readonly Writer[]): Promise<void> {
  for (const when of ['after the last kill', 'after an orderly end']) {
    const daemon = await Daemon.start(dataDir, POOL);
    const rpc = await Rpc.login(daemon);
    await check(rpc, writers, when);
    rpc.close();
    const { code, signal } = await daemon.stop();
    if (code !== 0) throw new Error(`${when}: the daemon ended with ${code ?? signal}:\n${daemon.process.output}`);
  }
}

async function check(rpc: Rpc, writers: readonly Writer[], when: string): Promise<void> {
  const found = await Snapshot.take(rpc);
  const wrong = [...inconsistencies(found), ...(await strayVolumes(rpc, found))];
  // After the scan: it has removed VDIs that were just being destroyed, and writers must not go on with those.
  const snapshot = await Snapshot.take(rpc);
  wrong.push(...writers.flatMap((writer) => writer.check(snapshot)));
  if (wrong.length > 0) throw new Error(`${when}:\n${wrong.slice(0, 20).join('\n')}`);
}
