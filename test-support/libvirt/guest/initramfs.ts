import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { execute } from '../execute.js';
import { copyLibraries } from './libraries.js';
import { copyModules } from './modules.js';

/** Places that the guest's scripts take for granted. */
const DIRECTORIES = ['bin', 'dev', 'lib', 'mnt', 'proc', 'root', 'run', 'sbin', 'sys', 'tmp', 'usr/bin', 'usr/sbin', 'var/run'];

/**
 * Packs a root file system that lives in memory: busybox, the guest agent, drivers, and the files of `root`. `unpacked` holds
 * Debian's packages of the three; `tree` is a directory to work in. The result is a compressed archive.
 */
export async function packInitramfs(unpacked: string, root: string, tree: string): Promise<Buffer> {
  for (const directory of DIRECTORIES) await mkdir(join(tree, directory), { recursive: true });
  const busybox = join(unpacked, 'bin/busybox');
  await cp(busybox, join(tree, 'bin/busybox'));
  await linkApplets(busybox, tree);
  const agent = join(unpacked, 'usr/sbin/qemu-ga');
  await cp(agent, join(tree, 'usr/sbin/qemu-ga'));
  await copyLibraries(agent, tree);
  await copyScripts(root, tree);
  const drivers = (await readFile(join(root, 'etc/modules'), 'utf8')).split('\n').filter(Boolean);
  await copyModules(busybox, unpacked, drivers, tree);
  const archive = `${tree}.cpio`;
  const names = (await readdir(tree, { recursive: true })).sort();
  await execute(busybox, ['cpio', '-o', '-H', 'newc', '-F', archive], { cwd: tree, input: `${names.join('\n')}\n` });
  return promisify(gzip)(await readFile(archive));
}

/** Every program of busybox as a link to it. */
async function linkApplets(busybox: string, tree: string): Promise<void> {
  for (const path of (await execute(busybox, ['--list-full'])).split('\n').filter(Boolean)) {
    await mkdir(join(tree, dirname(path)), { recursive: true });
    if (path !== 'bin/busybox') await symlink('/bin/busybox', join(tree, path));
  }
}

/** The guest's own files replace what is there. Whether they may be executed does not depend on how the repository was checked out. */
async function copyScripts(root: string, tree: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const target = join(tree, from.slice(root.length));
    await mkdir(dirname(target), { recursive: true });
    // Else a link to busybox that has this name would be written through.
    await rm(target, { force: true });
    await writeFile(target, await readFile(from));
    await chmod(target, entry.name === 'shadow' ? 0o600 : 0o755);
  }
}
