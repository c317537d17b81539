import { LvmError } from '../lvm-error.js';
import type { RunLvm } from '../lvm-program.js';

interface FakeVolume {
  size: number;
  readonly tags: Set<string>;
  isActive: boolean;
}

const EXTENT = 4 * 2 ** 20;

/** A volume group in memory that takes the commands that are given to LVM, each as a whole. */
export class FakeLvm {
  readonly name: string;
  readonly tags = new Set<string>();
  readonly volumes = new Map<string, FakeVolume>();
  /** Volumes that somebody has open. */
  readonly open = new Set<string>();
  /** Every command so far. */
  readonly commands: (readonly string[])[] = [];
  /** What the next change fails with. */
  failure: Error | undefined;
  #size: number;
  #deviceSize: number;

  constructor(name = 'group', extents = 1000) {
    this.name = name;
    this.#size = extents * EXTENT;
    this.#deviceSize = this.#size + EXTENT;
  }

  readonly run: RunLvm = async (words) => {
    this.commands.push(words);
    await Promise.resolve();
    const [command = ''] = words;
    if (command === 'fullreport') return this.#report();
    if (command === 'lvs') return JSON.stringify({ report: [{ lv: this.#rows() }] });
    if (command === 'vgs') return JSON.stringify({ report: [{ vg: this.#matches(words) ? [{ vg_name: this.name }] : [] }] });
    if (this.failure) {
      const { failure } = this;
      this.failure = undefined;
      throw failure;
    }
    this.#change(command, words);
    return '';
  };

  /** Puts a volume there that somebody else made. */
  put(name: string, size = EXTENT, tags: readonly string[] = []): void {
    this.volumes.set(name, { size, tags: new Set(tags), isActive: false });
  }

  /** Commands so far that changed something, by their first words. */
  changes(): readonly string[] {
    return this.commands.map(([command = '']) => command).filter((command) => !['fullreport', 'lvs', 'vgs'].includes(command));
  }

  /** Makes the device of the group larger. */
  grow(extents: number): void {
    this.#deviceSize += extents * EXTENT;
  }

  #device() {
    return { pv_name: '/dev/sdz', pv_size: String(this.#size), dev_size: String(this.#deviceSize) };
  }

  get #free(): number {
    return this.#size - [...this.volumes.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #change(command: string, words: readonly string[]): void {
    const all = (option: string): readonly string[] => words.filter((_word, at) => words[at - 1] === option);
    const names = words.filter((word) => word.startsWith(`${this.name}/`)).map((word) => word.slice(this.name.length + 1));
    const size = Number(all('--size')[0]?.slice(0, -1));
    const of = (name: string): FakeVolume => {
      const found = this.volumes.get(name);
      if (found === undefined) throw new LvmError('missing', `Failed to find logical volume "${this.name}/${name}"`);
      return found;
    };
    switch (command) {
      case 'lvcreate': {
        if (size > this.#free) throw new LvmError('full', 'insufficient free space');
        this.put(all('--name')[0] ?? '', size, all('--addtag'));
        this.#activate(all('--name'), all('--activate')[0]);
        return;
      }
      case 'lvremove':
        for (const name of names) {
          if (this.open.has(name)) throw new LvmError('inUse', `Logical volume ${this.name}/${name} in use.`);
          this.volumes.delete(name);
        }
        return;
      case 'lvextend':
        if (size - of(names[0] ?? '').size > this.#free) throw new LvmError('full', 'insufficient free space');
        of(names[0] ?? '').size = size;
        return;
      case 'lvreduce':
        of(names[0] ?? '').size = size;
        return;
      case 'lvchange': {
        this.#activate(names, all('--activate')[0]);
        for (const tag of all('--deltag')) of(names[0] ?? '').tags.delete(tag);
        for (const tag of all('--addtag')) of(names[0] ?? '').tags.add(tag);
        return;
      }
      case 'pvresize':
        this.#size = this.#deviceSize - EXTENT;
        return;
      case 'vgchange':
        for (const tag of all('--deltag')) this.tags.delete(tag);
        for (const tag of all('--addtag')) this.tags.add(tag);
        return;
      default:
        throw new LvmError('failed', `no such command: ${command}`);
    }
  }

  #activate(names: readonly string[], how: string | undefined): void {
    for (const name of names) {
      const volume = this.volumes.get(name);
      if (volume === undefined || how === undefined) continue;
      if (how === 'n' && this.open.has(name)) throw new LvmError('inUse', `Logical volume ${this.name}/${name} in use.`);
      volume.isActive = how !== 'n';
    }
  }

  #matches(words: readonly string[]): boolean {
    const selection = words.at(-1) ?? '';
    return selection.includes(`vg_name="${this.name}"`) || [...this.tags].some((tag) => selection.includes(`{"${tag}"}`));
  }

  #rows(): unknown[] {
    return Array.from(this.volumes, ([name, { size, tags, isActive }]) => ({
      lv_name: name,
      lv_size: String(size),
      lv_attr: `-wi-${isActive ? 'a' : '-'}${this.open.has(name) ? 'o' : '-'}----`,
      lv_tags: [...tags].join(','),
    }));
  }

  #report(): string {
    const vg = {
      vg_name: this.name,
      vg_size: String(this.#size),
      vg_free: String(this.#free),
      vg_extent_size: String(EXTENT),
      vg_attr: 'wz--n-',
      vg_tags: [...this.tags].join(','),
    };
    return JSON.stringify({ report: [{ vg: [vg], pv: [this.#device()], lv: this.#rows(), seg: [], pvseg: [] }] });
  }
}
