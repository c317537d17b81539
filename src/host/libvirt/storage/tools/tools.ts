import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { HostCommands } from '../../network/commands.js';

/**
 * Milliseconds until a program that works on storage is killed: making a file system on a large device that discards its blocks takes
 * minutes, and so does a file server that does not answer.
 */
const PATIENCE = 10 * 60_000;

/** Where programs of the system lie that the path of a daemon may not name. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Programs that kinds of SR need, with the packages of Debian that bring them. */
const PACKAGES: Readonly<Record<string, string>> = {
  blkid: 'util-linux',
  wipefs: 'util-linux',
  mount: 'mount',
  umount: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  'mount.nfs': 'nfs-common',
  showmount: 'nfs-common',
  'mount.cifs': 'cifs-utils',
  iscsiadm: 'open-iscsi',
  multipath: 'multipath-tools',
  multipathd: 'multipath-tools',
};

/** Runs the programs that storage needs. Secrets are never among the arguments, which everybody on the host can read. */
export interface Tools {
  /** Resolves with what it printed. Rejects with CommandError. */
  run(program: string, args: readonly string[], input?: string): Promise<string>;
  /** Whether the host has a program. */
  has(program: string): Promise<boolean>;
}

/** The programs of this host. */
export class HostTools implements Tools {
  readonly #commands = new HostCommands([], PATIENCE);

  run(program: string, args: readonly string[], input?: string): Promise<string> {
    return this.#commands.run(program, args, input);
  }

  async has(program: string): Promise<boolean> {
    for (const directory of new Set([...(process.env.PATH ?? '').split(':').filter(Boolean), ...SYSTEM_DIRECTORIES])) {
      const found = await access(join(directory, program), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return true;
    }
    return false;
  }
}

/** Rejects with a refusal that names what to install, when one of the programs is missing. */
export async function needTools(tools: Tools, kind: RefusalKind, ...programs: readonly string[]): Promise<void> {
  for (const program of programs) {
    if (await tools.has(program)) continue;
    const from = PACKAGES[program];
    throw refusal(kind, `This host has no ${program}${from === undefined ? '' : `: install the package ${from}`}`);
  }
}
