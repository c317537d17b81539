import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';
import { type GuestVm, startGuestVm } from './guest-vm.js';
import { HandMadeDisk } from './hand-made-disk.js';
import { RandomWrites } from './random-writes.js';
import { until } from './starting.js';

/** MiB of each of the two disks. */
const SIZE = 1024;
/** The gateway's disk inside. */
const OURS = '/dev/vdb';
const SNAPSHOTS = 10;
/** Writes before each snapshot. */
const WRITES_BETWEEN = 200;

/**
 * Random writes inside a guest to a disk of the gateway, and in turns to one in the same guest that was made by hand with the same
 * format and driver. Without KVM the guest's own work is a part of each write, on both sides the same.
 */
export async function measureGuestWrites(host: LabHost, daemon: KvmDaemon): Promise<Row[]> {
  const { client } = daemon;
  const [sr] = await client.call<string[]>('SR.get_by_name_label', 'Local storage');
  if (sr === undefined) throw new Error('there is no SR for disks');
  const images = join(host.directory, 'lib/images', await client.call<string>('SR.get_uuid', sr));
  const layers = async (): Promise<number> => (await readdir(images)).filter((name) => name.endsWith('.qcow2')).length;
  const guest = await startGuestVm(host, daemon, sr, SIZE * 2 ** 20);
  let other: HandMadeDisk | undefined;
  try {
    const writes = await RandomWrites.prepare(host, guest.uuid);
    const before = await layers();
    other = await HandMadeDisk.make(host, guest, SIZE * 2 ** 20);
    const theirs = await other.plug();
    const rows = [await writes.compare('a random write of 4 KiB in a guest to a new disk', OURS, theirs, 'plain', 1.05)];
    for (const device of [OURS, theirs]) await writes.fill(device, SIZE);
    rows.push(await writes.compare('the same to a full disk', OURS, theirs, 'plain', 1.05));
    rows.push(await writes.compare('the same with a flush', OURS, theirs, 'flushed', 1.05));
    // The gateway knows it as a disk of the VM, and would take snapshots of it too.
    await other.unplug();
    await takeAndDestroySnapshots(daemon, guest, writes);
    await until(async () => (await layers()) === before);
    const again = await other.plug();
    const after = `to a full disk after ${SNAPSHOTS} snapshots and coalescing`;
    rows.push(await writes.compare(`a random write of 4 KiB in a guest ${after}`, OURS, again, 'plain', 1.1));
    rows.push(await writes.compare('the same with a flush', OURS, again, 'flushed', 1.1));
    return rows;
  } finally {
    await guest.remove();
    await other?.remove();
  }
}

async function takeAndDestroySnapshots(daemon: KvmDaemon, { vm }: GuestVm, writes: RandomWrites): Promise<void> {
  // The connection of before was idle for too long.
  const client = await daemon.login();
  const snapshots: string[] = [];
  for (let n = 0; n < SNAPSHOTS; n++) {
    await writes.some(OURS, WRITES_BETWEEN, n);
    snapshots.push(await client.call<string>('VM.snapshot', vm, `snapshot ${n}`));
  }
  for (const snapshot of snapshots) {
    const disks: string[] = [];
    for (const drive of await client.call<string[]>('VM.get_VBDs', snapshot))
      disks.push(await client.call<string>('VBD.get_VDI', drive));
    await client.call('VM.destroy', snapshot);
    for (const disk of disks) await client.call('VDI.destroy', disk);
  }
  client.close();
}
