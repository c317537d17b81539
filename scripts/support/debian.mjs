import { accessSync, constants, existsSync } from 'node:fs';
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

/** Installs Debian packages. Rejects when that fails. */
export async function install(packages) {
  say(`installing ${packages.join(', ')} from Debian's packages`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', ['update', '-qq'], { env });
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}
