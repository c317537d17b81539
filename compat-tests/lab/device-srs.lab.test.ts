import { describe } from 'vitest';
import { devicesLife } from '../sr-life/devices-life.js';
import { labGateway } from './support/lab-gateway.js';
import { labSr } from './support/lab-sr.js';

const gateway = labGateway();

describe('SRs of types iscsi, hba, udev and iso', () => {
  // What is plugged in comes first: a map of it is there before any SR is.
  const hba = labSr(gateway, async () => {
    const { wwn } = await gateway.machine.addDisk({ size: 8, paths: 2 });
    return { type: 'hba', deviceConfig: { SCSIid: `3${wwn}` }, shared: true };
  });
  const udev = labSr(gateway, async () => {
    await gateway.machine.addDisk({ size: 9 });
    return { type: 'udev', deviceConfig: { location: '/dev/xapi/block' } };
  });
  const iscsi = labSr(gateway, async () => {
    const { target, scsiId } = await gateway.storage.serveDisk('unit', 65);
    return {
      type: 'iscsi',
      deviceConfig: { target: gateway.storage.address(1), targetIQN: target, SCSIid: scsiId },
      shared: true,
    };
  });
  const begins = 'a CD that lies on a server';
  const iso = labSr(gateway, async () => {
    const { server, path } = await gateway.storage.serveDirectory('cds');
    await gateway.machine.write(`${path}/one.iso`, begins.padEnd(65_536, '.'));
    return { type: 'iso', deviceConfig: { location: `${server}:${path}`, type: 'nfs_iso' }, shared: true };
  });
  // Sizes that no other disk has.
  const sized = (size: number) => () => ({ virtual_size: size * 2 ** 20 });
  devicesLife(
    gateway,
    [
      { underTest: iscsi, shown: sized(65) },
      { underTest: hba, shown: sized(8) },
      { underTest: udev, shown: sized(9) },
    ],
    { underTest: iso, shown: () => ({ location: 'one.iso', read_only: true }), begins },
  );
});
