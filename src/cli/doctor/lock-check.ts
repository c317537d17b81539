import { access, readFile } from 'node:fs/promises';
import { databasePath } from '../../db/open-store.js';
import { objectsInFile } from '../../db/sqlite/database-file.js';
import { StoreError } from '../../db/store-error.js';
import { type Finding, ok, warn } from './check.js';

/** Settings of libvirt's driver of QEMU. */
const QEMU_CONF = '/etc/libvirt/qemu.conf';

/**
 * Whether libvirt takes leases on disks. QEMU locks images itself, which keeps domains of one host apart, and those of several
 * where the file system carries the locks; leases also hold where it does not.
 */
export async function checkLocks(dataDir: string, conf = QEMU_CONF): Promise<Finding> {
  const subject = 'locks of disks';
  const manager = await lockManager(conf);
  if (manager !== undefined) return ok(subject, `libvirt takes leases through ${manager}, QEMU locks images`);
  const found = 'QEMU locks images, libvirt takes no leases';
  if (!(await hasSharedDisks(dataDir))) return ok(subject, found);
  const advice = `SRs are shared with other hosts: set lock_manager = "lockd" in ${conf} on each of them and start virtlockd`;
  return warn(subject, found, advice);
}

async function lockManager(conf: string): Promise<string | undefined> {
  const text = await readFile(conf, 'utf8').catch(() => '');
  const name = /^[ \t]*lock_manager[ \t]*=[ \t]*"([^"]*)"/m.exec(text)?.[1];
  return name === undefined || name === '' || name === 'nop' ? undefined : name;
}

/** Whether the pool has shared SRs with disks. A running gateway has the database to itself: then it is not known. */
async function hasSharedDisks(dataDir: string): Promise<boolean> {
  const path = databasePath(dataDir);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return false;
  try {
    return objectsInFile(path, 'SR').some((text) => isSharedWithDisks(JSON.parse(text)));
  } catch (thrown) {
    if (thrown instanceof StoreError) return false;
    throw thrown;
  }
}

function isSharedWithDisks(sr: unknown): boolean {
  if (typeof sr !== 'object' || sr === null || !('shared' in sr) || sr.shared !== true) return false;
  return !('content_type' in sr && sr.content_type === 'iso');
}
