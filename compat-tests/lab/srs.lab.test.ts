import { afterAll, describe } from 'vitest';
import { refIn } from '../kvm/support/client-cache.js';
import { devicesLife } from '../sr-life/devices-life.js';
import { srLife } from '../sr-life/sr-life.js';
import { labGateway } from './support/lab-gateway.js';
import { labSr } from './support/lab-sr.js';

// SRs that need a kernel with a device mapper, iSCSI, NFS or SMB: all in one machine, one after the other.
const gateway = labGateway();

/** Size of a disk for an SR with several VMs, in MiB. */
const LARGE = 4096;

describe('an SR of type lvm', () => {
  const sr = labSr(gateway, async () => {
    const { device } = await gateway.machine.addDisk({ size: LARGE });
    return { type: 'lvm', deviceConfig: { device }, content: () => gateway.machine.run('wipefs', ['--no-act', device]) };
  });
  srLife(gateway, sr, { boots: 'reverted', crash: false });
});

describe.each([
  ['4.2', { boots: 'reverted', crash: false }],
  ['3', { boots: 'once', crash: false, brief: true }],
] as const)('an SR of type nfs with version %s', (nfsversion, course) => {
  const sr = labSr(gateway, async () => {
    const { server, path } = await gateway.storage.serveDirectory(`srs-${nfsversion}`);
    return {
      type: 'nfs',
      deviceConfig: { server, serverpath: path, nfsversion },
      shared: true,
      content: () => gateway.machine.run('find', [path]),
    };
  });
  srLife(gateway, sr, course);
});

// Over two ways each.
describe.each([
  ['lvmoiscsi', 'reverted'],
  ['lvmohba', 'once'],
] as const)('an SR of type %s', (type, boots) => {
  const sr = labSr(gateway, async () => {
    const { machine, storage, xapi } = gateway;
    await xapi.call('host.set_multipathing', refIn(xapi.pool, 'master'), true);
    if (type === 'lvmohba') {
      const { wwn } = await machine.addDisk({ size: LARGE, paths: 2 });
      return { type, deviceConfig: { SCSIid: `3${wwn}` }, shared: true };
    }
    const { target, scsiId } = await storage.serveDisk('group', LARGE);
    return { type, deviceConfig: { target: storage.address(1), targetIQN: target, SCSIid: scsiId }, shared: true };
  });
  afterAll(async () => {
    await gateway.xapi.call('host.set_multipathing', refIn(gateway.xapi.pool, 'master'), false);
  });
  srLife(gateway, sr, { boots, crash: false, brief: type === 'lvmohba' });
});

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
