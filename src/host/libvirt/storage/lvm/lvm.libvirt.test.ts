import { describeStorage, type StorageFixture } from '../../../contract/storage.contract.js';
import { lvmLab } from './testing/lvm-lab.js';

describeStorage('libvirt lvm', async (): Promise<StorageFixture> => {
  const { storage, sr, remove } = await lvmLab();
  return { storage, sr, close: remove };
});
