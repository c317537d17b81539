import type { VolumeSource } from '../../volume-source.js';
import { convertOver } from '../image/qemu-img.js';
import { zeroPart } from '../image/zero.js';
import type { LentVolumes } from './lent-volumes.js';
import { memoryName } from './names.js';
import { memorySizeOf, memoryTag } from './node-tag.js';
import type { VolumeGroup } from './volume-group.js';

/** What a memory image begins with, and more: where that is zeros, there is none. */
const START = 2 ** 20;

/** Volumes that hold the memory of domains, each for the disk of an SR that was made for it. */
export class MemoryVolumes {
  readonly #group: VolumeGroup;
  readonly #lent: LentVolumes;
  readonly #path: (name: string) => string;

  constructor(group: VolumeGroup, lent: LentVolumes, path: (name: string) => string) {
    this.#group = group;
    this.#lent = lent;
    this.#path = path;
  }

  path(disk: string): string {
    return this.#path(memoryName(disk));
  }

  size(disk: string): { readonly size: number; readonly allocated: number } | undefined {
    const volume = this.#group.volume(memoryName(disk));
    const size = memorySizeOf(volume?.tags ?? []);
    return volume && { size: size ?? volume.size, allocated: volume.size };
  }

  /** Makes sure that so many bytes can be written. Rejects with LvmError, ImageError. */
  async prepare(disk: string, size: number): Promise<void> {
    const name = memoryName(disk);
    const there = this.#group.volume(name);
    if (there !== undefined && there.size >= size) return this.#lent.lend([name], true);
    // One that is too small is of no use: whatever is in it is not all of what it should be.
    await this.remove(disk);
    await this.#group.create(name, size, [memoryTag(size)]);
    await this.#lent.made(name);
    await zeroPart(this.path(disk), 0, Math.min(START, this.#group.volume(name)?.size ?? 0));
  }

  /** Makes the content of a disk the memory. Rejects with LvmError, ImageError. */
  async import(disk: string, from: VolumeSource, size: number): Promise<void> {
    await this.prepare(disk, size);
    await convertOver(from, { path: this.path(disk), format: 'raw' });
  }

  async share(from: string, to: string): Promise<void> {
    const found = this.size(from);
    if (found === undefined) return;
    await this.#lent.lend([memoryName(from)], false);
    await this.import(to, { path: this.path(from), kind: 'block', format: 'raw', readOnly: true }, found.size);
  }

  async remove(disk: string): Promise<void> {
    const name = memoryName(disk);
    if (this.#group.volume(name) === undefined) return;
    await this.#lent.gone([name]);
    await this.#group.remove([name]);
  }
}
