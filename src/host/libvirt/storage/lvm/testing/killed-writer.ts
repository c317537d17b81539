import { FakeLiveDisks } from '../../testing/fake-live-disks.js';
import { AT_ONCE, workUntilKilled } from '../../testing/killed-work.js';
import { storageIn } from './lvm-lab.js';

/** A process to be killed: works on the SR of that uuid on the device of the lab in that directory. */
const [directory = '', uuid = ''] = process.argv.slice(2);
const storage = storageIn(directory, new FakeLiveDisks(), () => process.exit(3), { coalescing: AT_ONCE });
await storage.attach({
  uuid,
  type: 'lvm',
  deviceConfig: new Map(),
  smConfig: new Map(),
  contentType: 'user',
  shared: false,
});
await workUntilKilled(storage, uuid);
