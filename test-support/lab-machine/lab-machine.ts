import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExecuteOptions, execute } from '../libvirt/execute.js';
import { REPOSITORY } from '../libvirt/repository.js';
import { type LabImage, prepareLabImage } from './image/image.js';
import { LabDisk } from './machine/disk.js';
import { makeHome, removeHome } from './machine/home.js';
import { Qemu, type QemuOptions, type RootDisk } from './machine/qemu.js';
import { Relay } from './machine/relay.js';
import { type RemoteProgram, Shell, type SpawnOptions } from './machine/shell.js';

const SCRIPTS = join(REPOSITORY, 'test-support/lab-machine/scripts');

/** Milliseconds until what has not happened in the machine counts as never happening. */
const PATIENCE = 120_000;

/** A new disk of a lab machine. */
export interface NewDisk {
  /** In MiB. Only what is written takes space. */
  readonly size: number;
  /** Over how many ways it is reached: with more than one there is a multipath map. 1 when not given. */
  readonly paths?: number;
}

/**
 * Starts a machine with Debian's own kernel, which has a device mapper, iSCSI, NFS and what else this one's lacks. Everything in it has
 * been started before. It has no disks but its own, and reaches nobody. Close it, or it ends with this process. `image` is one of a
 * machine in which more was done.
 */
export async function startLabMachine(image?: LabImage): Promise<LabMachine> {
  return opened(image ?? (await prepareLabImage()), async (from, home) => {
    const disk = join(home, 'disk.qcow2');
    await makeOverlay(from.disk, disk);
    return { disk: { file: disk, format: 'qcow2' }, begin: 'resume' };
  });
}

/**
 * The same, but what it does to its memory and to its disk, which are those of `image`, stays and can be kept with `keep`. Nobody else may
 * use them.
 */
export async function continueLabMachine(image: LabImage): Promise<LabMachine> {
  return opened(image, async ({ disk }) => ({ disk, begin: 'continue' }));
}

/** Makes a disk that looks like another one until it is written to. */
export async function makeOverlay({ file, format }: RootDisk, overlay: string): Promise<void> {
  await execute('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', format, '-b', file, overlay]);
}

async function opened(
  image: LabImage,
  how: (image: LabImage, home: string) => Promise<Pick<QemuOptions, 'disk' | 'begin'>>,
): Promise<LabMachine> {
  const home = await makeHome();
  try {
    return await LabMachine.open({ image, directory: home, ...(await how(image, home)) });
  } catch (thrown) {
    await removeHome(home);
    throw thrown;
  }
}

/** A machine of the lab, and root in it. */
export class LabMachine {
  /** Where it keeps its files on this one. */
  readonly home: string;
  readonly #qemu: Qemu;
  readonly #shell: Shell;
  readonly #relays = new Map<number, Relay>();
  #disks = 0;

  private constructor(home: string, qemu: Qemu, shell: Shell) {
    this.home = home;
    this.#qemu = qemu;
    this.#shell = shell;
  }

  /** Used by those alone who start one. */
  static async open(options: QemuOptions): Promise<LabMachine> {
    const qemu = await Qemu.start(options);
    await qemu.resume();
    const shell = await Shell.connect(qemu, options.image.key);
    // For the machine no time has passed since it was kept.
    await shell.run('date', ['--set', `@${Date.now() / 1000}`]);
    return new LabMachine(options.directory, qemu, shell);
  }

  /** Runs a program to its end. Resolves to what it printed. Rejects with its error output when it fails. */
  async run(program: string, args: readonly string[] = [], options: ExecuteOptions = {}): Promise<string> {
    return this.#shell.run(program, args, options);
  }

  /**
   * Runs a program again and again until it succeeds. The machine does that by itself: being asked from here over and over would take
   * most of its only processor. Rejects when that does not happen in `patience` milliseconds.
   */
  async until(program: string, args: readonly string[] = [], patience = PATIENCE): Promise<void> {
    const loop = 'until "$@" >/dev/null 2>&1; do sleep 0.2; done';
    await this.run('sh', ['-c', loop, 'until', program, ...args], { timeout: patience });
  }

  /** Starts a program. It ends with the machine at the latest. */
  async spawn(program: string, args: readonly string[] = [], options: SpawnOptions = {}): Promise<RemoteProgram> {
    return this.#shell.spawn(program, args, options);
  }

  /** Runs a program on the storage server beside the machine, as `run` does. Both see the same files. */
  async runAtStorage(program: string, args: readonly string[] = [], options: ExecuteOptions = {}): Promise<string> {
    return this.run('at-storage', [program, ...args], options);
  }

  /** Runs one of the shell scripts of `scripts/`. Resolves to what it printed. */
  async script(
    where: 'machine' | 'storage',
    name: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const options = { input: await readFile(join(SCRIPTS, name), 'utf8'), env };
    const words = ['-s', '--', ...args];
    return where === 'machine' ? this.run('sh', words, options) : this.runAtStorage('sh', words, options);
  }

  /** Writes a text file. Its directory is made when it is missing. */
  async write(path: string, text: string): Promise<void> {
    await this.run('sh', ['-c', 'mkdir -p "$(dirname "$1")" && cat >"$1"', '-', path], { input: text });
  }

  /** Plugs a new empty disk in. */
  async addDisk({ size, paths = 1 }: NewDisk): Promise<LabDisk> {
    const file = this.#newFile();
    await writeFile(file, '');
    await truncate(file, size * 1024 * 1024);
    return LabDisk.plug(this.#qemu.monitor, this, { file, readOnly: false, paths });
  }

  /** Plugs a disk in that can only be read. `make` writes its content into a raw file. */
  async addContent(make: (file: string) => Promise<void>): Promise<LabDisk> {
    const file = this.#newFile();
    await make(file);
    return LabDisk.plug(this.#qemu.monitor, this, { file, readOnly: true, paths: 1 });
  }

  /** The port of 127.0.0.1 on this machine behind which a port of the lab machine answers. */
  async forward(port: number): Promise<number> {
    const relay = this.#relays.get(port) ?? (await Relay.start(this.#qemu, port));
    this.#relays.set(port, relay);
    return relay.port;
  }

  /** Writes the state of its devices to a file, which goes with its memory and its disk, and ends it. It has no disks but its own. */
  async keep(state: string): Promise<void> {
    await this.run('sync');
    this.#disconnect();
    await this.#qemu.keep(state);
    await removeHome(this.home);
  }

  /** Ends the machine as a power failure would, and removes what it has written. */
  async close(): Promise<void> {
    this.#disconnect();
    await this.#qemu.kill();
    await removeHome(this.home);
  }

  #disconnect(): void {
    this.#shell.close();
    for (const relay of this.#relays.values()) relay.close();
  }

  #newFile(): string {
    this.#disks += 1;
    return join(this.home, `disk-${this.#disks}.raw`);
  }
}
