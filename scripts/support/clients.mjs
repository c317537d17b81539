import { canInstall, hasProgram, install } from './debian.mjs';
import { say } from './run.mjs';

/** Clients that compatibility tests drive, as Debian ships them: program, package. */
const CLIENTS = [
  ['fence_xenapi', 'fence-agents'],
  ['ansible-playbook', 'ansible'],
  ['qemu-img', 'qemu-utils'],
  ['nbdcopy', 'libnbd-bin'],
  ['zstd', 'zstd'],
  ['xxhsum', 'xxhash'],
];

/**
 * Installs the clients. Where that cannot be done their tests are skipped and counted as skipped; in CI nothing may be
 * skipped, so there it is an error.
 */
export async function installClients() {
  const missing = CLIENTS.filter(([program]) => !hasProgram(program)).map(([, name]) => name);
  if (missing.length === 0) return;
  const inCi = Boolean(process.env.CI);
  if (!canInstall()) {
    const what = `${missing.join(', ')} not found, and installing them takes root on Debian`;
    if (inCi) throw new Error(what);
    return say(`${what}: their tests are skipped`);
  }
  try {
    await install(missing);
  } catch (thrown) {
    if (inCi) throw thrown;
    say(`${thrown.message}: the tests of ${missing.join(', ')} are skipped`);
  }
}
