import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhysicalInterface } from '../../network.js';
import { HardwareNames } from '../facts/hardware-names.js';
import { PseudoFiles } from '../facts/pseudo-files.js';
import type { Link } from './network-state.js';

const PCI_ADDRESS = /[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g;

/** What the kernel's files tell of network cards that `ip` does not: speed, and which hardware they are. */
export class CardFacts {
  private readonly root: string;
  private readonly files: PseudoFiles;
  private names: Promise<HardwareNames> | undefined;

  /** `root`: where `/sys` is found. */
  constructor(root = '/') {
    this.root = root;
    this.files = new PseudoFiles(root);
  }

  async describe(link: Link): Promise<PhysicalInterface> {
    const path = `/sys/class/net/${link.name}`;
    // The files show the namespace of whoever mounted them: a device of the same name there is another one.
    const shown = (await this.files.text(`${path}/address`)) === link.mac;
    const [speed, duplex, pci] = shown
      ? await Promise.all([this.files.text(`${path}/speed`), this.files.text(`${path}/duplex`), this.pciAddress(path)])
      : ['', '', ''];
    return {
      device: link.name,
      mac: link.permanentMac || link.mac,
      mtu: link.mtu,
      // A card without a cable says -1.
      speed: /^\d+$/.test(speed) ? Number(speed) : 0,
      duplex: duplex === 'full',
      carrier: link.running,
      pciBusPath: pci,
      ...(await this.hardware(pci)),
    };
  }

  /** Of a card behind another device, such as a virtio one, the address of that. */
  private async pciAddress(path: string): Promise<string> {
    try {
      return (await realpath(join(this.root, path, 'device'))).match(PCI_ADDRESS)?.at(-1) ?? '';
    } catch {
      return '';
    }
  }

  private async hardware(pci: string): Promise<Pick<PhysicalInterface, 'vendorId' | 'vendorName' | 'deviceId' | 'deviceName'>> {
    if (pci === '') return { vendorId: '', vendorName: '', deviceId: '', deviceName: '' };
    const number = async (file: string): Promise<string> =>
      (await this.files.text(`/sys/bus/pci/devices/${pci}/${file}`)).replace(/^0x/, '').toLowerCase();
    this.names ??= HardwareNames.read(this.files);
    const [vendorId, deviceId, names] = await Promise.all([number('vendor'), number('device'), this.names]);
    return { vendorId, vendorName: names.vendor(vendorId), deviceId, deviceName: names.device(vendorId, deviceId) };
  }
}
