import { describeStorage, type StorageFixture } from '../../contract/storage.contract.js';
import { directoryLab } from './testing/directory-sr.js';

describeStorage('libvirt file', async (): Promise<StorageFixture> => {
  const { storage, sr, remove } = await directoryLab();
  return { storage, sr, close: remove };
});
