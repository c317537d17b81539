import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutex } from '../../../mutex.js';
import { isUuid } from '../../../uuid-text.js';
import type { Tools } from '../tools/tools.js';
import { mountError } from './mount-error.js';
import { type Mounted, readMountTable } from './mount-table.js';

/** Who asks a file server. Held in memory and, while it is mounted, in a file that only root can read. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What is to be mounted. */
export interface MountSource {
  readonly type: 'ext4' | 'xfs' | 'nfs' | 'cifs';
  /** A device, `server:/path` or `//server/share`. */
  readonly source: string;
  /** Checked options, each `name` or `name=value`. */
  readonly options: readonly string[];
  readonly credentials?: Credentials;
}

/** Whatever is mounted for SRs: nothing in it is a device or runs, or runs as somebody else. */
const ALWAYS = ['nosuid', 'nodev', 'noexec'];

/** In the run directory: where SRs are mounted, each under its uuid. */
const DIRECTORY = 'sr-mount';
/** How points begin at which something is looked at for a moment, and files with credentials. */
const [MOMENT, SECRET] = ['moment-', 'credentials-'];

/** QEMU's own user must get through to disks, and see nothing else. */
const MODE = 0o711;

/**
 * What is mounted for SRs, below a directory of our own. What an earlier process has mounted and nobody uses is unmounted first; what
 * running VMs use stays, and is taken over when its SR is attached. Rejects with MountError, at once and with nothing left behind.
 */
export class Mounts {
  readonly #directory: string;
  readonly #tools: Tools;
  readonly #table: () => Promise<readonly Mounted[]>;
  /** One after the other: whoever mounts looks before what there is. */
  readonly #mutex = new Mutex();
  #tidied: Promise<void> | undefined;

  /** `table` tells what is mounted; the kernel's unless given. */
  constructor(runDirectory: string, tools: Tools, table: () => Promise<readonly Mounted[]> = readMountTable) {
    this.#directory = join(runDirectory, DIRECTORY);
    this.#tools = tools;
    this.#table = table;
  }

  /** Where the SR of that uuid is mounted when it is. */
  pointOf(sr: string): string {
    if (!isUuid(sr)) throw new TypeError(`${sr} is no uuid`);
    return join(this.#directory, sr);
  }

  /** Mounts an SR. Resolves to where; nothing to do when it is mounted. */
  mount(sr: string, source: MountSource): Promise<string> {
    const point = this.pointOf(sr);
    return this.#alone(async () => {
      const mounted = await this.#at(point);
      if (mounted !== undefined) {
        if (isSame(mounted, source)) return point;
        await this.#unmount(point);
      }
      await this.#makePoint(point, MODE);
      await this.#mount(source, point);
      return point;
    });
  }

  /** Unmounts an SR; nothing to do when it is not mounted. Rejects when something there is in use. */
  unmount(sr: string): Promise<void> {
    const point = this.pointOf(sr);
    return this.#alone(() => this.#unmount(point));
  }

  /** Mounts something for as long as `work` takes; it gets the place. */
  async during<T>(source: MountSource, work: (point: string) => Promise<T>): Promise<T> {
    const point = join(this.#directory, MOMENT + randomBytes(6).toString('hex'));
    await this.#alone(async () => {
      await this.#makePoint(point, 0o700);
      await this.#mount(source, point);
    });
    try {
      return await work(point);
    } finally {
      // Programs that look at everything new keep such a place for a moment. It goes when they have looked.
      await this.#alone(() => this.#unmount(point).catch(() => this.#unmount(point, ['--lazy'])));
    }
  }

  /** Like `during`, or where the SR is mounted anyway. */
  async looking<T>(sr: string, source: MountSource, work: (point: string) => Promise<T>): Promise<T> {
    const point = this.pointOf(sr);
    return (await this.#at(point)) === undefined ? this.during(source, work) : work(point);
  }

  /** Unmounts what an earlier process has left, except for what is in use. */
  tidy(): Promise<void> {
    this.#tidied ??= this.#mutex.run(async () => {
      for (const name of await readdir(this.#directory).catch((): string[] => [])) {
        const path = join(this.#directory, name);
        if (name.startsWith(SECRET)) await rm(path, { force: true });
        // What is in use stays until its SR is detached.
        else if (name.startsWith(MOMENT) || isUuid(name)) await this.#unmount(path).catch(() => undefined);
      }
    });
    return this.#tidied;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    await this.tidy();
    return this.#mutex.run(work);
  }

  async #at(point: string): Promise<Mounted | undefined> {
    return (await this.#table()).findLast((mounted) => mounted.point === point);
  }

  async #makePoint(point: string, mode: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: MODE });
    await mkdir(point, { recursive: true, mode });
  }

  async #removePoint(point: string): Promise<void> {
    await rmdir(point).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'ENOENT') throw thrown;
    });
    // It goes with the last one.
    await rmdir(this.#directory).catch(() => undefined);
  }

  async #mount({ type, source, options, credentials }: MountSource, point: string): Promise<void> {
    const secret = join(this.#directory, SECRET + randomBytes(6).toString('hex'));
    const given = credentials === undefined ? [] : [`credentials=${secret}`];
    try {
      if (credentials !== undefined) await writeFile(secret, credentialsText(credentials), { mode: 0o600, flag: 'wx' });
      await this.#tools.run('mount', ['-t', type, '-o', [...ALWAYS, ...options, ...given].join(','), '--', source, point]);
    } catch (thrown) {
      await rm(secret, { force: true });
      await this.#removePoint(point);
      throw mountError(thrown, type);
    }
    await rm(secret, { force: true });
  }

  async #unmount(point: string, how: readonly string[] = []): Promise<void> {
    const mounted = await this.#at(point);
    if (mounted !== undefined) {
      try {
        await this.#tools.run('umount', [...how, '--', point]);
      } catch (thrown) {
        throw mountError(thrown, mounted.type);
      }
    }
    await this.#removePoint(point);
  }
}

/** Whether what is mounted is what is to be. Names of devices may differ for one and the same, and then it is mounted anew. */
function isSame(mounted: Mounted, { type, source }: MountSource): boolean {
  const plain = (text: string): string => text.replaceAll('\\', '/').replace(/(?<=.)\/+$/, '');
  return mounted.type.replace(/^nfs4$/, 'nfs').replace(/^smb3$/, 'cifs') === type && plain(mounted.source) === plain(source);
}

/** Each on a line of its own; ends of lines in them are refused before. Names of users may have a domain before them. */
function credentialsText({ username, password }: Credentials): string {
  const [, domain, user = username] = /^([^\\/]+)[\\/](.+)$/.exec(username) ?? [];
  return `username=${user}\npassword=${password}\n${domain === undefined ? '' : `domain=${domain}\n`}`;
}
