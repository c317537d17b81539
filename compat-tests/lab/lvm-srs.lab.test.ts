import { describe } from 'vitest';
import { srLife } from '../sr-life/sr-life.js';
import { labGateway } from './support/lab-gateway.js';
import { labSr } from './support/lab-sr.js';

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
