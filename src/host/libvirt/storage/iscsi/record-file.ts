import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../../../files/atomic-write.js';

/** How an initiator proves who it is. */
export interface Chap {
  readonly user: string;
  readonly password: string;
}

/**
 * Writes how to log in into a record of open-iscsi, as a file that only root can read: its own program takes passwords among its arguments alone,
 * which everybody on the host can read. `prefix` is that of the settings in the record.
 */
export async function writeChap(
  file: string,
  prefix: 'node.session.auth' | 'discovery.sendtargets.auth',
  chap: Chap,
): Promise<void> {
  const settings = [`${prefix}.authmethod = CHAP`, `${prefix}.username = ${chap.user}`, `${prefix}.password = ${chap.password}`];
  const lines = (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => !/\.auth\.(?:authmethod|username|password) =/.test(line));
  const end = lines.findIndex((line) => line.startsWith('# END RECORD'));
  lines.splice(end < 0 ? lines.length : end, 0, ...settings);
  await writeFileAtomically(file, lines.join('\n'));
}
