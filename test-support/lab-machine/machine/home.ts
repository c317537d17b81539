import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../libvirt/execute.js';
import { startOf } from '../../libvirt/host/lab.js';
import { REPOSITORY } from '../../libvirt/repository.js';

const PREFIX = 'xenapi-gateway-lab-machine-';

const REMOVE = join(REPOSITORY, 'test-support/lab-machine/machine/remove.sh');

/**
 * Makes a directory for what one machine writes. When this process dies, a watcher ends the machine and removes the directory; when
 * the watcher dies too, the next machine does.
 */
export async function makeHome(): Promise<string> {
  await removeDead();
  const directory = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(directory, 'owner'), `${process.pid} ${await startOf(process.pid)}`);
  // Detached: a terminal's interrupt does not reach it.
  const watcher = spawn('sh', [REMOVE, 'watch', directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.unref();
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return directory;
}

/** Ends the machine if it still runs, and removes its directory. */
export async function removeHome(directory: string): Promise<void> {
  await execute('sh', [REMOVE, 'now', directory]);
}

async function removeDead(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(tmpdir(), name);
    const [pid, start = ''] = (await readFile(join(directory, 'owner'), 'utf8').catch(() => '')).split(' ');
    // One without an owner has been made by somebody this very moment.
    if (start !== '' && (await startOf(Number(pid))) !== start) await removeHome(directory);
  }
}
