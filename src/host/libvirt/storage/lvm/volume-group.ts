import { Mutex } from '../../../mutex.js';
import { type GroupFacts, groupReport, type LogicalVolume, openReport, parseGroup, parseIdle } from './group-report.js';
import { LvmError } from './lvm-error.js';
import type { RunLvm } from './lvm-program.js';

/** Tags that come and go together. */
export interface TagChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Bytes by which a device must have grown for a group to take more of it: LVM itself needs some of each. */
const GROWTH = 100 * 2 ** 20;

interface Waiting {
  readonly add: Set<string>;
  readonly remove: Set<string>;
  readonly done: Promise<void>;
}

/**
 * A volume group as this process knows it. What is known comes from one report, follows what is changed here, and is read anew by
 * `refresh`. Changes happen one after the other; those of the group's tags that wait meanwhile are made together. Methods reject
 * with LvmError. Sizes in bytes.
 */
export class VolumeGroup {
  readonly name: string;
  readonly #run: RunLvm;
  readonly #queue = new Mutex();
  #facts: GroupFacts;
  #waiting: Waiting | undefined;
  #refreshing: Promise<void> | undefined;
  /** How large devices were of which more was taken. */
  readonly #taken = new Map<string, number>();

  private constructor(facts: GroupFacts, run: RunLvm) {
    this.name = facts.name;
    this.#facts = facts;
    this.#run = run;
  }

  /** Reads a group that is there. */
  static async open(name: string, run: RunLvm): Promise<VolumeGroup> {
    return new VolumeGroup(parseGroup(await run(groupReport(name))), run);
  }

  get facts(): GroupFacts {
    return this.#facts;
  }

  volume(name: string): LogicalVolume | undefined {
    return this.#facts.volumes.get(name);
  }

  /** A size as the group has it: whole extents. */
  wholeExtents(size: number): number {
    const { extentSize } = this.#facts;
    return Math.max(1, Math.ceil(size / extentSize)) * extentSize;
  }

  /** Reads everything anew. Whoever asks while the reading waits for its turn gets what it finds. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#queue.run(async () => {
      this.#refreshing = undefined;
      this.#facts = parseGroup(await this.#run(groupReport(this.name)));
    });
    return this.#refreshing;
  }

  /** Takes what devices of the group have grown by. A device that LVM does not take more of is left alone until it grows again. */
  takeGrown(): Promise<void> {
    return this.#queue.run(async () => {
      const grown = this.#facts.devices.filter(
        ({ path, size, deviceSize }) =>
          path.startsWith('/dev/') && deviceSize - size >= GROWTH && this.#taken.get(path) !== deviceSize,
      );
      if (grown.length === 0) return;
      for (const { path, deviceSize } of grown) this.#taken.set(path, deviceSize);
      await this.#run(['pvresize', ...grown.map(({ path }) => path)]);
      this.#facts = parseGroup(await this.#run(groupReport(this.name)));
    });
  }

  /** Makes a volume; what lay at its place before is still there. It is active afterwards. */
  create(name: string, size: number, tags: readonly string[]): Promise<void> {
    const whole = this.wholeExtents(size);
    return this.#queue.run(async () => {
      await this.#run([
        ...['lvcreate', '--yes', '--activate', 'ey', '--wipesignatures', 'n', '--zero', 'n', '--setautoactivation', 'n'],
        ...['--type', 'linear', '--size', `${whole}b`, ...words('--addtag', tags), '--name', name, this.name],
      ]);
      this.#put({ name, size: whole, tags: new Set(tags), isDisk: true }, whole);
    });
  }

  /** Removes volumes, as far as they are there. */
  remove(names: readonly string[]): Promise<void> {
    return this.#queue.run(async () => {
      const there = names.filter((name) => this.#facts.volumes.has(name));
      if (there.length === 0) return;
      await this.#run(['lvremove', '--yes', ...this.#paths(there)]);
      const volumes = new Map(this.#facts.volumes);
      let { free } = this.#facts;
      for (const name of there) {
        free += volumes.get(name)?.size ?? 0;
        volumes.delete(name);
      }
      this.#facts = { ...this.#facts, volumes, free };
    });
  }

  /** Gives a volume a size that it has not yet; never a smaller one than it has. Resolves to the size that it has then. */
  extend(name: string, size: number): Promise<number> {
    return this.#resize(name, size, (now, wanted) => wanted > now, 'lvextend');
  }

  /** Takes space from a volume that it does not need; never gives any. */
  async reduce(name: string, size: number): Promise<void> {
    await this.#resize(name, size, (now, wanted) => wanted < now, 'lvreduce');
  }

  /** Changes tags of a volume, in one step. */
  retag(name: string, { add = [], remove = [] }: TagChange): Promise<void> {
    return this.#queue.run(async () => {
      const volume = this.#need(name);
      await this.#run(['lvchange', ...words('--deltag', remove), ...words('--addtag', add), ...this.#paths([name])]);
      const tags = new Set(volume.tags);
      for (const tag of remove) tags.delete(tag);
      for (const tag of add) tags.add(tag);
      this.#put({ ...volume, tags });
    });
  }

  /** Changes tags of the group. All of one call are there after it or none; those of several calls may come together. */
  tag({ add = [], remove = [] }: TagChange): Promise<void> {
    this.#waiting ??= this.#gather();
    const waiting = this.#waiting;
    for (const tag of remove) {
      waiting.add.delete(tag);
      waiting.remove.add(tag);
    }
    for (const tag of add) {
      waiting.remove.delete(tag);
      waiting.add.add(tag);
    }
    return waiting.done;
  }

  /** Makes devices of volumes appear on this host, those of the second list for writing by this host alone. */
  activate(readOnly: readonly string[], exclusive: readonly string[]): Promise<void> {
    return this.#queue.run(async () => {
      // Without a manager of locks, exclusive means this host only in name: one command serves both.
      if (!this.#facts.isShared) return this.#activate('y', [...exclusive, ...readOnly]);
      await this.#activate('sy', readOnly);
      await this.#activate('ey', exclusive);
    });
  }

  /** Takes the devices of volumes away. Rejects when somebody has one open. */
  deactivate(names: readonly string[]): Promise<void> {
    return this.#queue.run(() => this.#activate('n', names));
  }

  /** Names of the volumes that are active on this host and that nobody has open. */
  async idle(): Promise<ReadonlySet<string>> {
    return parseIdle(await this.#run(openReport(this.name)));
  }

  async #activate(how: string, names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#run(['lvchange', '--activate', how, ...this.#paths(names)]);
  }

  #resize(name: string, size: number, isNeeded: (now: number, wanted: number) => boolean, command: string): Promise<number> {
    const wanted = this.wholeExtents(size);
    return this.#queue.run(async () => {
      const volume = this.#need(name);
      if (!isNeeded(volume.size, wanted)) return volume.size;
      await this.#run([command, '--yes', '--size', `${wanted}b`, ...this.#paths([name])]);
      this.#put({ ...volume, size: wanted }, wanted - volume.size);
      return wanted;
    });
  }

  #gather(): Waiting {
    const add = new Set<string>();
    const remove = new Set<string>();
    const done = this.#queue.run(async () => {
      this.#waiting = undefined;
      const tags = new Set(this.#facts.tags);
      // LVM takes away a tag that is not there, but says nothing about it; what changes nothing is no step.
      const [gone, fresh] = [[...remove].filter((tag) => tags.has(tag)), [...add].filter((tag) => !tags.has(tag))];
      if (gone.length + fresh.length === 0) return;
      await this.#run(['vgchange', ...words('--deltag', gone), ...words('--addtag', fresh), this.name]);
      for (const tag of gone) tags.delete(tag);
      for (const tag of fresh) tags.add(tag);
      this.#facts = { ...this.#facts, tags };
    });
    return { add, remove, done };
  }

  #need(name: string): LogicalVolume {
    const volume = this.#facts.volumes.get(name);
    if (volume === undefined) throw new LvmError('missing', `There is no volume ${name} in ${this.name}`);
    return volume;
  }

  #put(volume: LogicalVolume, taken = 0): void {
    const volumes = new Map(this.#facts.volumes).set(volume.name, volume);
    this.#facts = { ...this.#facts, volumes, free: this.#facts.free - taken };
  }

  #paths(names: readonly string[]): readonly string[] {
    return names.map((name) => `${this.name}/${name}`);
  }
}

function words(option: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [option, value]);
}
