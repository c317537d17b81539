import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Daemon, DaemonProcess, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc } from '../test-support/rpc.js';
import { inconsistencies, strayVolumes } from './support/consistency.js';
import { Snapshot } from './support/snapshot.js';

// Power operations take a while, so that kills fall between the pool's being there and its VMs' being on as well.
const POOL = { emulate: 'hosts=2,vms=5,running=2,suspended=1,vm-memory=64MiB,vm-disk=16MiB,delay=300ms' };

/** Pools that are made under kills; each costs several starts. */
const ROUNDS = Number(process.env.CRASH_FIRST_STARTS ?? 12);

/** What a pool of this shape consists of: number of objects by class, states of the VMs. */
async function shape(daemon: Daemon): Promise<Record<string, unknown>> {
  const rpc = await Rpc.login(daemon);
  const snapshot = await Snapshot.take(rpc);
  const wrong = [...inconsistencies(snapshot), ...(await strayVolumes(rpc, snapshot))];
  expect(wrong).toEqual([]);
  rpc.close();
  const transient = new Set(['task', 'session', 'message']);
  const counts = snapshot.classes.filter((name) => !transient.has(name)).map((name) => [name, snapshot.all(name).size]);
  const vms = snapshot.named('VM', 'vm-').map((ref) => {
    const { name_label, VBDs, VIFs, power_state } = snapshot.find('VM', ref) ?? {};
    return [name_label, (VBDs as string[]).length, (VIFs as string[]).length, power_state];
  });
  return { ...Object.fromEntries(counts), vms: vms.sort() };
}

it(
  'a first start that was killed at any moment is made good by the next one',
  async () => {
    const undisturbed = await newDataDir();
    const began = performance.now();
    const first = await Daemon.start(undisturbed, POOL);
    const duration = performance.now() - began;
    const wanted = await shape(first);
    expect((wanted.vms as unknown[]).map((vm) => (vm as unknown[]).slice(1))).toEqual([
      [2, 1, 'Running'],
      [2, 1, 'Running'],
      [2, 1, 'Suspended'],
      [2, 1, 'Halted'],
      [2, 1, 'Halted'],
    ]);
    await first.kill();
    await remove(undisturbed);

    for (let round = 0; round < ROUNDS; round++) {
      const dataDir = await newDataDir();
      const delays: number[] = [];
      do {
        // The early part of a start only loads code, so most of the kills come later.
        const delay = duration * (0.3 + 0.7 * Math.random());
        delays.push(Math.round(delay));
        const daemon = DaemonProcess.spawn(dataDir, POOL);
        await sleep(delay);
        await daemon.kill();
      } while (Math.random() < 0.5);
      const daemon = await Daemon.start(dataDir, POOL);
      expect(await shape(daemon), `killed after ${delays} ms`).toEqual(wanted);
      await daemon.kill();
      await remove(dataDir);
    }
  },
  ROUNDS * 60_000,
);
