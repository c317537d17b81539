import { afterAll, beforeAll } from 'vitest';
import { prepareGuest } from '../../../../test-support/libvirt/guest/guest.js';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { BRIDGE } from '../../../../test-support/libvirt/host/network.js';
import { describeCompute } from '../../contract/compute.contract.js';
import { ComputePool } from './compute-pool.js';
import { openCompute, removeDomains } from './testing/open-compute.js';
import { RawVolumes } from './testing/raw-volumes.js';

let hosts: readonly [LabHost, LabHost];

beforeAll(async () => {
  hosts = await Promise.all([startHost(), startHost()]);
});
afterAll(() => Promise.all(hosts.map((host) => host.close())));

describeCompute('libvirt', async () => {
  const [here, there] = hosts;
  const volumes = new RawVolumes(here.shared);
  const pool = new ComputePool();
  const { kernel, initrd } = await prepareGuest();
  const args = 'console=tty0 console=ttyS0 quiet';
  const bootFiles = async () => ({ kernel, ramdisk: initrd, args });
  const [one, other] = await Promise.all([here, there].map((host) => openCompute(host, volumes, { pool, bootFiles })));
  if (one === undefined || other === undefined) throw new Error('two hosts have two computes');
  return {
    compute: one.compute,
    other: other.compute,
    bridge: BRIDGE,
    makeVolume: (size) => volumes.make(size),
    freeMemory: async () => one.compute.memory.free,
    boot: {
      kind: 'pv',
      bootloader: '',
      bootloaderArgs: '',
      kernel,
      ramdisk: initrd,
      args,
      installRepository: '',
      installation: new Map(),
    },
    patience: 100_000,
    async close() {
      await Promise.all([one.close(), other.close()]);
      await Promise.all(hosts.map(removeDomains));
    },
  };
});
