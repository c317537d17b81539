import { existsSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LvPaths } from '../lv-paths.js';
import { LvmError } from '../lvm-error.js';
import type { VolumeGroup } from '../volume-group.js';

/** What lay in a volume before it was made. */
const BEFORE = Buffer.alloc(2 ** 21, 0xa5);

/**
 * Data of volumes in files, for a kernel without device-mapper: all that LVM itself does is real. What a device does is kept to: it is
 * there while it is active, has data of others in it at first, and is not taken away while somebody has it open. A file grows where
 * a device would be full, so that tests look at sizes afterwards.
 */
export class FilePaths implements LvPaths {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async check(): Promise<void> {
    // Files can always be had.
  }

  of(group: string, name: string): readonly [string] {
    return [join(this.#directory, 'dev', group, name)];
  }

  nameAt(group: string, path: string): string | undefined {
    const start = `${join(this.#directory, 'dev', group)}/`;
    return path.startsWith(start) ? path.slice(start.length) : undefined;
  }

  isThere(group: string, name: string): boolean {
    return existsSync(this.of(group, name)[0]);
  }

  async changed(owner: VolumeGroup, names: readonly string[]): Promise<void> {
    const group = owner.name;
    for (const name of names) {
      const size = owner.volume(name)?.size ?? 0;
      const data = this.#data(group, name);
      const isNew = !existsSync(data);
      await mkdir(join(this.#directory, 'data', group), { recursive: true });
      const file = await open(data, isNew ? 'w+' : 'r+');
      if (isNew) await file.write(BEFORE, 0, Math.min(size, BEFORE.length), 0);
      if ((await file.stat()).size < size || !isNew) await file.truncate(size);
      await file.close();
      await mkdir(join(this.#directory, 'dev', group), { recursive: true });
      const [path] = this.of(group, name);
      if ((await lstat(path).catch(() => undefined)) === undefined) await symlink(data, path);
    }
  }

  async leaving({ name: group }: VolumeGroup, names: readonly string[], forGood: boolean): Promise<void> {
    const used = await openFiles();
    for (const name of names) {
      if (used.has(this.#data(group, name))) throw new LvmError('inUse', `Logical volume ${group}/${name} in use.`);
      await rm(this.of(group, name)[0], { force: true });
      if (forGood) await rm(this.#data(group, name), { force: true });
    }
  }

  async idle({ name: group }: VolumeGroup): Promise<ReadonlySet<string>> {
    const used = await openFiles();
    return new Set((await this.active(group)).filter((name) => !used.has(this.#data(group, name))));
  }

  /** Names of the volumes that are active. */
  active(group: string): Promise<readonly string[]> {
    return readdir(join(this.#directory, 'dev', group)).catch(() => []);
  }

  /** Bytes up to the end of what was written to a volume. */
  async written(group: string, name: string): Promise<number> {
    return (await stat(this.#data(group, name)).catch(() => ({ size: 0 }))).size;
  }

  #data(group: string, name: string): string {
    return join(this.#directory, 'data', group, name);
  }
}

/** Files that processes of this machine have open. */
async function openFiles(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const process of await readdir('/proc')) {
    if (!/^\d+$/.test(process)) continue;
    const directory = `/proc/${process}/fd`;
    for (const file of await readdir(directory).catch(() => [])) found.add(await readlink(join(directory, file)).catch(() => ''));
  }
  return found;
}
