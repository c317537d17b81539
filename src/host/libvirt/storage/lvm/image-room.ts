import { open } from 'node:fs/promises';
import { Mutex } from '../../../mutex.js';
import { qcow2End } from '../image/qcow2-end.js';
import { LvmError } from './lvm-error.js';
import { nodeOf } from './node-tag.js';
import { fullSize, growthOf, type Steps, sizeFor, thresholdOf } from './room.js';
import type { VolumeGroup } from './volume-group.js';

/** What is made larger, and how others get to know that. */
export interface RoomPlace {
  readonly group: VolumeGroup;
  readonly steps: Steps;
  /** Whether volumes have all the room that they can need from the start. */
  readonly isThick: boolean;
  path(name: string): string;
  resized(name: string): Promise<void>;
}

/**
 * The room in volumes for the qcow2 images in them. Methods reject with LvmError, and with `full` where the group has no more.
 */
export class ImageRoom {
  readonly #place: RoomPlace;
  /** Volumes that this process writes to: how far they are full at most. */
  readonly #filled = new Map<string, number>();
  readonly #mutex = new Mutex();

  constructor(place: RoomPlace) {
    this.#place = place;
  }

  /** Makes room for so many more bytes of an image that only the caller writes to. */
  async make(name: string, bytes: number): Promise<void> {
    if (nodeOf(this.#place.group.volume(name)?.tags ?? [])?.format !== 'qcow2') return;
    if (this.#take(name, bytes)) return;
    await this.#mutex.run(async () => {
      if (!this.#filled.has(name)) this.#filled.set(name, await this.#end(name));
      if (this.#take(name, bytes)) return;
      const used = (this.#filled.get(name) ?? 0) + growthOf(bytes);
      await this.#extend(name, used);
      this.#filled.set(name, used);
    });
  }

  /** Takes back room that was made for a writer who is done now. */
  async giveBack(name: string): Promise<void> {
    await this.#mutex.run(async () => {
      if (!this.#filled.delete(name) || this.#place.isThick) return;
      const { group, steps } = this.#place;
      const node = nodeOf(group.volume(name)?.tags ?? []);
      if (node === undefined) return;
      await group.reduce(name, Math.min(fullSize(node.virtualSize), (await this.#end(name)) + steps.step));
      await this.#place.resized(name);
    });
  }

  /** Somebody else writes into a volume from now on: the room that was made stays. */
  leave(name: string): void {
    this.#filled.delete(name);
  }

  /** Bytes that the image in a volume takes now; all of the volume where that cannot be told. The volume is active. */
  used(name: string): Promise<number> {
    return this.#end(name);
  }

  /** Offset at which a domain needs more room in a volume; undefined where it has all that it can need. */
  threshold(name: string): number | undefined {
    const volume = this.#place.group.volume(name);
    const node = nodeOf(volume?.tags ?? []);
    if (volume === undefined || node?.format !== 'qcow2') return undefined;
    return thresholdOf(volume.size, node.virtualSize, this.#place.steps);
  }

  /** Makes sure of room behind what a domain has written. */
  extend(name: string, written: number): Promise<void> {
    return this.#mutex.run(() => this.#extend(name, written));
  }

  /** Makes a volume so large that its image can have a size at which everything is written, where that is done at once. */
  async fit(name: string, virtualSize: number): Promise<void> {
    const { group, isThick } = this.#place;
    if (!isThick) return;
    await group.extend(name, fullSize(virtualSize));
    await this.#place.resized(name);
  }

  /** Whether there is room already; it is taken then. */
  #take(name: string, bytes: number): boolean {
    const filled = this.#filled.get(name);
    const volume = this.#place.group.volume(name);
    const node = nodeOf(volume?.tags ?? []);
    if (filled === undefined || volume === undefined || node === undefined) return false;
    const used = filled + growthOf(bytes);
    if (used > volume.size && volume.size < this.#place.group.wholeExtents(fullSize(node.virtualSize))) return false;
    this.#filled.set(name, used);
    return true;
  }

  async #extend(name: string, used: number): Promise<void> {
    const { group, steps } = this.#place;
    const volume = group.volume(name);
    const node = nodeOf(volume?.tags ?? []);
    if (volume === undefined || node === undefined) throw new LvmError('missing', `There is no image ${name}`);
    const wanted = sizeFor(used, volume.size, node.virtualSize, steps);
    if (wanted <= volume.size) return;
    // The last of the space is better than none, as long as it is enough for what is to be written.
    const possible = Math.min(group.wholeExtents(wanted), volume.size + group.facts.free);
    if (possible < Math.min(used, wanted) || possible <= volume.size) throw new LvmError('full', `${group.name} is full`);
    await group.extend(name, possible);
    await this.#place.resized(name);
  }

  /** Bytes that the image in a volume takes now; all of it where that cannot be told. */
  async #end(name: string): Promise<number> {
    const file = await open(this.#place.path(name), 'r');
    try {
      return (await qcow2End(file)) ?? this.#place.group.volume(name)?.size ?? 0;
    } finally {
      await file.close();
    }
  }
}
