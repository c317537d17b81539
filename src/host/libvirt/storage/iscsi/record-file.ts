import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../../../files/atomic-write.js';

/** A name with its password. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** How an initiator proves who it is. */
export interface Chap extends Credentials {
  /** How the target proves who it is, where it has to. */
  readonly incoming?: Credentials | undefined;
}

/** Settings of a record of open-iscsi that tell how to log in. `prefix` is that of the settings in the record. */
export function chapSettings(
  prefix: 'node.session.auth' | 'discovery.sendtargets.auth',
  chap: Chap,
): ReadonlyMap<string, string> {
  const { user, password, incoming } = chap;
  return new Map([
    [`${prefix}.authmethod`, 'CHAP'],
    [`${prefix}.username`, user],
    [`${prefix}.password`, password],
    ...(incoming
      ? ([
          [`${prefix}.username_in`, incoming.user],
          [`${prefix}.password_in`, incoming.password],
        ] as const)
      : []),
  ]);
}

/**
 * Writes settings into a record of open-iscsi, as a file that only root can read: its own program takes passwords among its arguments alone,
 * which everybody on the host can read.
 */
export async function writeSettings(file: string, settings: ReadonlyMap<string, string>): Promise<void> {
  const nameIn = (line: string): string => line.slice(0, Math.max(0, line.indexOf(' =')));
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => !settings.has(nameIn(line)));
  const end = lines.findIndex((line) => line.startsWith('# END RECORD'));
  const added = Array.from(settings, ([name, value]) => `${name} = ${value}`);
  lines.splice(end < 0 ? lines.length : end, 0, ...added);
  await writeFileAtomically(file, lines.join('\n'));
}
