import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { manyVolumes } from '../../src/host/libvirt/storage/lvm/testing/many-volumes.js';
import { loopDevice } from '../../src/host/libvirt/storage/testing/loop-device.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { percentile, timed } from '../statistics.js';
import type { Row } from '../table.js';
import { startKvmDaemon } from './daemon.js';

const MIB = 2 ** 20;
/** Disks of the SR. */
const VOLUMES = Number(process.env.BENCH_VOLUMES ?? 2000);
/** Bytes of the device, which take no space: each disk has 4 MiB of it. */
const DEVICE = (VOLUMES * 4 + 1024) * MIB;
const SCANS = 5;
/** LVM of the machine. */
const LVM = '/usr/sbin/lvm';

/**
 * The scan of an SR in a volume group with many disks, through XenAPI, by a gateway of its own that finds in its path an LVM which notes what it is
 * asked. LVM is real; the kernel's device mapper, which many machines for tests lack, is neither needed for a scan nor used.
 */
export async function measureVolumeGroups(host: LabHost): Promise<Row[]> {
  const directory = await mkdtemp(join(host.directory, 'volumes-'));
  const device = await loopDevice(DEVICE);
  try {
    await writeFile(join(host.directory, 'lvm/lvm.conf'), settings(device.path));
    // The gateway looks whether it is there before it attaches such an SR.
    await host.run('mount', ['--bind', '/dev/null', '/dev/mapper/control']);
    const asked = await notingLvm(directory);
    const daemon = await startKvmDaemon(host, { PATH: `${join(directory, 'bin')}${delimiter}${process.env.PATH ?? ''}` });
    try {
      const { client } = daemon;
      const [only = ''] = await client.call<string[]>('host.get_all');
      const config = { device: device.path };
      const sr = await client.call<string>('SR.create', only, config, 0, 'many', '', 'lvm', 'user', false, {});
      const [pbd = ''] = await client.call<string[]>('SR.get_PBDs', sr);
      const uuid = await client.call<string>('SR.get_uuid', sr);
      await client.call('PBD.unplug', pbd);
      await manyVolumes({ directory, sr: { uuid }, run: (words) => host.run(LVM, words) }, VOLUMES);
      const plugging = await daemon.login();
      const plugged = await timed(() => plugging.call('PBD.plug', pbd));
      await plugging.call('SR.scan', sr);
      const found = (await plugging.call<string[]>('SR.get_VDIs', sr)).length;
      if (found !== VOLUMES) throw new Error(`a scan has found ${found} disks`);
      const before = (await asked()).length;
      const scans: number[] = [];
      for (let n = 0; n < SCANS; n++) scans.push(await timed(() => plugging.call('SR.scan', sr)));
      const commands = (await asked()).slice(before);
      const what = `scan of a volume group with ${VOLUMES} disks`;
      const rows: Row[] = [
        {
          what: `${what} (PBD.plug ${(plugged / 1000).toFixed(2)} s)`,
          measured: percentile(scans, 0.5) / 1000,
          unit: 's',
          limit: 2,
          better: 'less',
        },
        {
          what: `commands of LVM in it (${[...new Set(commands)].join(', ')})`,
          measured: commands.length / SCANS,
          unit: '',
          limit: 1,
          better: 'less',
        },
      ];
      await plugging.call('PBD.unplug', pbd);
      await plugging.call('SR.forget', sr);
      plugging.close();
      return rows;
    } finally {
      await daemon.stop();
    }
  } finally {
    await host.run('umount', ['/dev/mapper/control']).catch(() => undefined);
    await device.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

/** LVM sees the device alone, and makes no devices of volumes. */
function settings(device: string): string {
  return `global { activation = 0 }
    devices { use_devicesfile = 0 filter = [ "a|^${device}$|", "r|.*|" ] }
    backup { backup = 0 archive = 0 }
  `;
}

/** Puts a program called like LVM into a directory. Resolves to what tells by their first words what it has been asked so far. */
async function notingLvm(directory: string): Promise<() => Promise<readonly string[]>> {
  const notes = join(directory, 'asked');
  await writeFile(notes, '');
  await mkdir(join(directory, 'bin'));
  await writeFile(join(directory, 'bin/lvm'), `#!/bin/sh\necho "$1" >>'${notes}'\nexec ${LVM} "$@"\n`, { mode: 0o755 });
  return async () => (await readFile(notes, 'utf8')).split('\n').filter(Boolean);
}
