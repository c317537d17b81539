import { afterAll, describe } from 'vitest';
import { refIn } from '../kvm/support/client-cache.js';
import { srLife } from '../sr-life/sr-life.js';
import { labGateway } from './support/lab-gateway.js';
import { labSr } from './support/lab-sr.js';

const gateway = labGateway();

/** Size of a disk for an SR with several VMs, in MiB. */
const LARGE = 4096;

// Over two ways each.
describe.each(['lvmoiscsi', 'lvmohba'])('an SR of type %s', (type) => {
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
  srLife(gateway, sr, { boots: 'reverted', crash: false });
});
