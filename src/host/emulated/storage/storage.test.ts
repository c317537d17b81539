import { v4 as newUuid } from 'uuid';
import { describeStorage, type StorageFixture } from '../../contract/storage.contract.js';
import { temporaryDirectory } from '../test-world.js';
import { SrRegistry } from './sr-registry.js';
import { EmulatedStorage } from './storage.js';

const configs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lvm: { device: '/dev/sdb' },
  ext: { device: '/dev/sdb' },
  nfs: { server: '10.0.0.5', serverpath: '/export' },
  dummy: {},
};

for (const [type, config] of Object.entries(configs)) {
  describeStorage(`emulated ${type}`, async (): Promise<StorageFixture> => {
    const directory = await temporaryDirectory();
    const registry = new SrRegistry(directory.path, (message) => {
      throw new Error(message);
    });
    return {
      storage: new EmulatedStorage(newUuid(), registry),
      sr: {
        uuid: newUuid(),
        type,
        deviceConfig: new Map(Object.entries(config)),
        smConfig: new Map(),
        contentType: 'user',
        shared: false,
      },
      async close() {
        await registry.close();
        await directory.remove();
      },
    };
  });
}
