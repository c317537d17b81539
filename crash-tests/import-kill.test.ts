import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc } from '../test-support/rpc.js';

// Imports of VMs whose daemon is killed at any moment: nothing of what they had made may be there after the next start.
let dataDir: string;
let daemon: Daemon;
let rpc: Rpc;
let file: Buffer;

/** Kills in all; every one costs a start of the daemon. */
const KILLS = 6;

beforeAll(async () => {
  dataDir = await newDataDir();
  daemon = await Daemon.start(dataDir, { emulate: 'hosts=1,vms=2', args: ['--log-level', 'error'] });
  rpc = await Rpc.login(daemon);
  const vms =
    await rpc.call<Record<string, { is_a_template: boolean; power_state: string; is_control_domain: boolean }>>(
      'VM.get_all_records',
    );
  const [vm] = Object.entries(vms).find(([, fields]) => !fields.is_a_template && !fields.is_control_domain) ?? [];
  if (vm === undefined) throw new Error('the pool has no VM');
  if (vms[vm]?.power_state !== 'Halted') await rpc.call('VM.hard_shutdown', vm);
  const answer = await fetch(`${daemon.http}/export?session_id=${rpc.session}&ref=${vm}`);
  file = Buffer.from(await answer.arrayBuffer());
});
afterAll(async () => {
  rpc.close();
  await remove(dataDir);
});

/** References of everything that an import makes. */
async function everything(): Promise<string[]> {
  const classes = ['VM', 'VDI', 'VBD', 'VIF', 'VM_metrics', 'network'];
  return (await Promise.all(classes.map((name) => rpc.call<string[]>(`${name}.get_all`)))).flat().sort();
}

function begin(length: number): ClientRequest {
  const upload = request(`${daemon.http}/import?session_id=${rpc.session}`, {
    method: 'PUT',
    headers: { 'Content-Length': file.length },
  });
  upload.on('error', () => undefined);
  upload.write(file.subarray(0, length));
  return upload;
}

it('leave nothing', { timeout: KILLS * 30_000 }, async () => {
  const before = await everything();
  // From before the description is complete to the middle of the disk.
  const lengths = Array.from({ length: KILLS }, (_, i) => Math.floor((file.length * (i + 0.5)) / KILLS));
  for (const [i, length] of lengths.entries()) {
    const upload = begin(length);
    await once(upload, 'response');
    // The later ones are killed when their VM is there.
    if (i > 0) while ((await everything()).length === before.length) await sleep(5);
    rpc.close();
    await daemon.kill();
    upload.destroy();
    daemon = await Daemon.start(dataDir, { args: ['--log-level', 'error'] });
    rpc = await Rpc.login(daemon);
    expect(await everything(), `after ${length} bytes`).toEqual(before);
    const srs = await rpc.call<string[]>('SR.get_all');
    for (const sr of srs) await rpc.call('SR.scan', sr).catch(() => undefined);
    expect(await everything(), `on disk, after ${length} bytes`).toEqual(before);
  }
  const whole = begin(file.length);
  whole.end();
  const [reply] = await once(whole, 'response');
  await buffer(reply);
  expect((await everything()).length).toBeGreaterThan(before.length);
});
