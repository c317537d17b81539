import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { must, say } from './run.mjs';

/** Whether a program is found on the path or in the places for administrators. */
export function hasProgram(name) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return places.some((place) => {
    try {
      accessSync(join(place, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether Debian packages can be installed here. */
export function canInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Seconds to wait for another installation on this machine to end. */
const LOCK_PATIENCE = 300;

/** What Debian's packages ask before they start a service of theirs, and the answer "no, never". */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
const NO_SERVICES = '#!/bin/sh\nexit 101\n';

/** Installs Debian packages. Services that are among them are not started. Rejects when that fails. */
export async function install(packages) {
  say(`installing ${packages.join(', ')} from Debian's packages`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', `DPkg::Lock::Timeout=${LOCK_PATIENCE}`];
  await must('apt-get', ['update', '-qq', ...lock], { env });
  await withoutServices(() =>
    must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...lock, ...packages], { env }),
  );
}

/** Whether a Debian package is installed, and none is where there is no Debian. */
export function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form of dpkg-query
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return status === 0 && stdout === 'installed';
}

async function withoutServices(installation) {
  // A machine that has a policy of its own keeps it.
  const ours = !existsSync(SERVICE_POLICY);
  if (ours) await writeFile(SERVICE_POLICY, NO_SERVICES, { mode: 0o755 });
  try {
    await installation();
  } finally {
    if (ours) await rm(SERVICE_POLICY, { force: true });
  }
}
