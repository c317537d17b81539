import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SUPERUSER } from '../../accounts/account.js';
import { Accounts } from '../../accounts/accounts.js';
import { databasePath } from '../../db/open-store.js';
import { inspectDatabaseFile } from '../../db/sqlite/database-file.js';
import { currentFormat } from '../../db/sqlite/migrations.js';
import { StoreError } from '../../db/store-error.js';
import { type Finding, fail, ok, reasonOf, warn } from './check.js';

const GiB = 2 ** 30;

/** Room below which the database itself is in danger, in bytes. */
const LITTLE_SPACE = 0.1 * GiB;

/** Room below which the disks of VMs soon cannot grow, in bytes. */
const SOME_SPACE = 2 * GiB;

/** Whether the directory is there, ours, and closed to others; when it is not there yet, whether it can be made. */
export async function checkDataDir(path: string): Promise<Finding> {
  const subject = 'data directory';
  try {
    const { mode } = await stat(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    if ((mode & 0o007) !== 0) return warn(subject, `${path} is open to all users of this machine`, `chmod 700 ${path}`);
    return ok(subject, `${path} can be written`);
  } catch (thrown) {
    if (reasonOf(thrown) !== 'ENOENT') {
      return fail(
        subject,
        `${path}: ${reasonOf(thrown)}`,
        'make it a directory that this user can write, or name another one with --data-dir',
      );
    }
  }
  const parent = await nearestDirectory(path);
  return access(parent, constants.W_OK | constants.X_OK).then(
    () => ok(subject, `${path} will be made at first start`),
    () =>
      fail(
        subject,
        `${path} is missing, and ${parent} cannot be written`,
        'make it for this user, or name another one with --data-dir',
      ),
  );
}

/** Whether the database can be read by this version. `runningPid` is the daemon that has it open, if one does. */
export async function checkStore(dataDir: string, runningPid: number | undefined): Promise<Finding> {
  const subject = 'database';
  const path = databasePath(dataDir);
  if (!(await exists(path))) return ok(subject, `${path} will be made at first start`);
  if (runningPid !== undefined) return ok(subject, `${path} is open in the running gateway`);
  try {
    const { format, objects } = inspectDatabaseFile(path);
    const upgrade = format < currentFormat ? `, will be upgraded to ${currentFormat} at next start` : '';
    return ok(subject, `${path} is sound: format ${format}${upgrade}, ${objects} objects`);
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    const [found, advice] = thrown.message.split(/: (?=[^:]*$)/);
    return fail(subject, found ?? thrown.message, advice ?? 'see the message');
  }
}

/** Whether the accounts can be read and somebody can log in as the superuser. */
export async function checkAccounts(dataDir: string, passwordComes: boolean): Promise<Finding> {
  const subject = 'accounts';
  try {
    const accounts = await Accounts.open(dataDir);
    const users = `${(await accounts.list()).length} users`;
    if (await accounts.hasRootPassword()) return ok(subject, `${users}, password of ${SUPERUSER} is set`);
    if (passwordComes) return ok(subject, `${users}, password of ${SUPERUSER} is configured`);
    return ok(subject, `${users}, a password of ${SUPERUSER} will be made at first start and printed once`);
  } catch (thrown) {
    return fail(subject, thrown instanceof Error ? thrown.message : String(thrown), 'correct the file or its permissions');
  }
}

/** Whether there is room: disks of emulated VMs are sparse files, which take room only as they are written. */
export async function checkDiskSpace(dataDir: string): Promise<Finding> {
  const subject = 'disk space';
  const { bavail, bsize } = await statfs(await nearestDirectory(dataDir));
  const free = bavail * bsize;
  const found = `${(free / GiB).toFixed(1)} GiB free for ${dataDir}`;
  if (free < LITTLE_SPACE) return fail(subject, found, 'make room, or name a data directory on another disk');
  if (free < SOME_SPACE) return warn(subject, found, 'disks of VMs are sparse files and may grow to more than that: make room');
  return ok(subject, found);
}

/** The directory itself, or the nearest one above it that exists. */
async function nearestDirectory(path: string): Promise<string> {
  for (let directory = path; ; directory = dirname(directory)) {
    if (directory === dirname(directory) || (await exists(directory))) return directory;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
