import { v4 as newUuid } from 'uuid';
import { describeCompute } from '../../contract/compute.contract.js';
import { openWorld, temporaryDirectory } from '../test-world.js';

const shape = { hosts: 2, hostMemory: 2 ** 32 };
const DELAYS = { start: 30, shutdown: 30, reboot: 30, suspend: 30, resume: 30, migrate: 30, tools: 10 };

for (const [name, delays] of Object.entries({ 'at once': {}, 'with delays': DELAYS })) {
  describeCompute(`emulated, ${name}`, async () => {
    const directory = await temporaryDirectory();
    const world = await openWorld(directory.path, { ...shape, delays });
    const [host, other] = world.hosts;
    const shared = world.srs.find(({ spec }) => spec.type === 'nfs')?.spec.uuid;
    if (host === undefined || other === undefined || shared === undefined)
      throw new Error('the world has two hosts and shared storage');
    return {
      compute: host.compute,
      other: other.compute,
      bridge: 'xenbr0',
      async makeVolume(virtualSize) {
        const volume = { uuid: newUuid(), virtualSize, name: '', description: '', smConfig: new Map() };
        return { sr: shared, location: (await host.storage.createVolume(shared, volume)).location };
      },
      freeMemory: () => host.freeMemory(),
      async close() {
        await world.close();
        await directory.remove();
      },
    };
  });
}
