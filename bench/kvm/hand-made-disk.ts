import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../test-support/libvirt/execute.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { until } from '../../test-support/libvirt/until.js';
import { runInGuest } from './guest-program.js';
import type { GuestVm } from './guest-vm.js';

/** What the disk is called inside. */
const SERIAL = 'by-hand';

/** A disk that qemu-img has made, and that virsh plugs into a running guest beside one of the gateway. */
export class HandMadeDisk {
  readonly #host: LabHost;
  readonly #guest: GuestVm;
  /** Where no SR looks, on the file system of the gateway's disks. */
  readonly #image: string;
  readonly #description: string;

  private constructor(host: LabHost, guest: GuestVm) {
    this.#host = host;
    this.#guest = guest;
    this.#image = join(host.directory, 'by-hand.qcow2');
    this.#description = join(host.directory, 'by-hand.xml');
  }

  /** Makes the image, of so many bytes, with what qemu-img does where nothing is said. */
  static async make(host: LabHost, guest: GuestVm, size: number): Promise<HandMadeDisk> {
    const disk = new HandMadeDisk(host, guest);
    await execute('qemu-img', ['create', '-q', '-f', 'qcow2', disk.#image, `${size}`]);
    return disk;
  }

  /** Plugs it in, driven as the gateway's disk is. Resolves to its device inside. */
  async plug(): Promise<string> {
    const drivers = (await this.#host.virsh('dumpxml', this.#guest.uuid)).match(/<driver name='qemu' [^>]*\/>/g) ?? [];
    const [driver] = drivers;
    if (driver === undefined || drivers.some((other) => other !== driver)) throw new Error('the disks have no driver in common');
    await writeFile(
      this.#description,
      `<disk type='file' device='disk'>${driver}<source file='${this.#image}'/><target dev='vdz' bus='virtio'/><serial>${SERIAL}</serial></disk>`,
    );
    await this.#host.virsh('attach-device', this.#guest.uuid, this.#description, '--live');
    return until('the disk inside', () => this.#device());
  }

  /** Takes it out of the guest. */
  async unplug(): Promise<void> {
    await this.#host.virsh('detach-device', this.#guest.uuid, this.#description, '--live');
    await until('a domain without the disk', async () => {
      const isThere = (await this.#host.virsh('domblklist', this.#guest.uuid)).includes(this.#image);
      return isThere ? undefined : true;
    });
  }

  async remove(): Promise<void> {
    for (const path of [this.#image, this.#description]) await rm(path, { force: true });
  }

  async #device(): Promise<string | undefined> {
    const script = `cd /sys/block; for disk in vd*; do [ "$(cat $disk/serial)" = ${SERIAL} ] && echo /dev/$disk; done; true`;
    return (await runInGuest(this.#host, this.#guest.uuid, script)).trim() || undefined;
  }
}
