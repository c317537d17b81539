import type { PseudoFiles } from './pseudo-files.js';

/** Where Debian keeps the names of vendors and devices. */
const PCI_IDS = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'];

/** Names of PCI vendors, devices and classes by their numbers (lower-case hexadecimal digits); the number where none is known. */
export class HardwareNames {
  readonly #vendors = new Map<string, string>();
  readonly #devices = new Map<string, string>();
  readonly #classes = new Map<string, string>();

  /** Reads the names that the host has of all its devices; without a list of names there are numbers only. */
  static async read(files: PseudoFiles): Promise<HardwareNames> {
    const names = new HardwareNames();
    for (const path of PCI_IDS) {
      const text = await files.text(path);
      if (text !== '') {
        names.#parse(text);
        break;
      }
    }
    return names;
  }

  vendor(vendor: string): string {
    return this.#vendors.get(vendor) ?? vendor;
  }

  device(vendor: string, device: string): string {
    return this.#devices.get(`${vendor}:${device}`) ?? device;
  }

  /** Of a class with its subclass, four digits. */
  classOf(id: string): string {
    return this.#classes.get(id) ?? this.#classes.get(id.slice(0, 2)) ?? id;
  }

  #parse(text: string): void {
    let vendor = '';
    let main = '';
    for (const line of text.split('\n')) {
      const [, tabs = '', id = '', name = ''] = /^(\t?)(C [0-9a-f]{2}|[0-9a-f]{2}|[0-9a-f]{4}) {2}(.*)$/.exec(line) ?? [];
      if (id === '') continue;
      if (tabs === '') {
        main = id.startsWith('C ') ? id.slice(2) : '';
        vendor = main === '' ? id : '';
        if (main !== '') this.#classes.set(main, name);
        else this.#vendors.set(vendor, name);
      } else if (main !== '') this.#classes.set(`${main}${id}`, name);
      else this.#devices.set(`${vendor}:${id}`, name);
    }
  }
}
