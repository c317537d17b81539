import { randomBytes } from 'node:crypto';
import type { LabMachine } from '../lab-machine.js';
import type { Monitor } from './monitor.js';

/** A raw file of this machine that becomes a disk of the lab machine. */
export interface DiskSource {
  readonly file: string;
  readonly readOnly: boolean;
  /** Over how many ways it is reached. The lab machine sees that many disks, and with more than one a multipath map. */
  readonly paths: number;
}

/** A SCSI disk of the lab machine. */
export class LabDisk {
  /** Its world-wide name as in `/dev/disk/by-id/wwn-0x…`. Behind a `3` it is its name for multipath. */
  readonly wwn = `5${randomBytes(8).toString('hex').slice(1)}`;
  readonly #monitor: Monitor;
  #devices: readonly string[] = [];

  private constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  /** Plugs a disk in. Resolves when the machine has it. */
  static async plug(monitor: Monitor, machine: LabMachine, source: DiskSource): Promise<LabDisk> {
    const disk = new LabDisk(monitor);
    await disk.#attach(source);
    const found = await machine.script('machine', 'await-disk.sh', [disk.wwn, `${source.paths}`]);
    disk.#devices = found.trim().split('\n');
    return disk;
  }

  /** Names of the disks that the machine has for it, such as `/dev/sdb`: one for each path. */
  get devices(): readonly string[] {
    return this.#devices;
  }

  /** What to use: its only device, or its multipath map. */
  get device(): string {
    const [only = '', ...more] = this.#devices;
    return more.length > 0 ? `/dev/mapper/3${this.wwn}` : only;
  }

  /** Takes one path away, as when a cable is pulled. Paths count from 0, and are not in the order of `devices`. */
  async pull(path: number): Promise<void> {
    await this.#monitor.execute('device_del', { id: this.#id(path) });
  }

  async #attach({ file, readOnly, paths }: DiskSource): Promise<void> {
    await this.#monitor.execute('blockdev-add', {
      driver: 'raw',
      'node-name': this.#node,
      'read-only': readOnly,
      discard: 'unmap',
      file: { driver: 'file', filename: file, discard: 'unmap', cache: { 'no-flush': true } },
    });
    for (let path = 0; path < paths; path++) {
      await this.#monitor.execute('device_add', {
        driver: 'scsi-hd',
        bus: 'scsi.0',
        id: this.#id(path),
        drive: this.#node,
        serial: this.wwn,
        wwn: `0x${this.wwn}`,
        'share-rw': paths > 1,
      });
    }
  }

  /** At most 31 characters, which is all that QEMU takes. */
  get #node(): string {
    return `disk-${this.wwn}`;
  }

  #id(path: number): string {
    return `${this.#node}-${path}`;
  }
}
