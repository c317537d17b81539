import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { canInstall, hasProgram, install } from './debian.mjs';
import { must, root, say } from './run.mjs';

/** What compiles the SQLite module when no ready-made one can be had: program, Debian package. */
const TOOLCHAIN = [
  ['python3', 'python3'],
  ['make', 'make'],
  ['g++', 'g++'],
];

/** Installs what package-lock.json lists, unless it is there. */
export async function installPackages() {
  if ((await installedAsLocked()) && nativeModuleLoads()) return;
  const missing = TOOLCHAIN.filter(([program]) => !hasProgram(program));
  if (missing.length > 0) {
    const names = missing.map(([, name]) => name);
    if (canInstall()) await install(names);
    else say(`${names.join(', ')} not found: if building the SQLite module fails below, install them`);
  }
  say('installing packages: npm ci');
  await must('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
}

/** Whether every package is installed in the version of the lock file. Those for other kinds of machine are left out. */
async function installedAsLocked() {
  const [locked, installed] = await Promise.all([packagesOf('package-lock.json'), packagesOf('node_modules/.package-lock.json')]);
  return Object.entries(locked).every(([path, { version, optional }]) => {
    const there = installed[path];
    return path === '' || (there ? there.version === version : optional === true);
  });
}

async function packagesOf(path) {
  try {
    return JSON.parse(await readFile(new URL(path, root), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** A module that was compiled for another version of Node does not load. */
function nativeModuleLoads() {
  try {
    const Database = createRequire(root)('better-sqlite3');
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}
