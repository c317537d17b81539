import type { SrSpec } from '../../storage.js';
import { LibvirtStorage } from './libvirt-storage.js';
import { FakeLiveDisks } from './testing/fake-live-disks.js';
import { AT_ONCE, workUntilKilled } from './testing/killed-work.js';

/** A process to be killed: works on the SR of that uuid in that directory. */
const [location = '', uuid = '', runDirectory = ''] = process.argv.slice(2);
const sr: SrSpec = {
  uuid,
  type: 'file',
  deviceConfig: new Map([['location', location]]),
  smConfig: new Map(),
  contentType: 'user',
  shared: false,
};
const live = new FakeLiveDisks();
const storage = new LibvirtStorage({ live: () => live, warn: () => process.exit(3), runDirectory, coalescing: AT_ONCE });
await storage.attach(sr);
await workUntilKilled(storage, uuid);
