import { badFile } from '../xva/file-error.js';
import { childrenOf, type TreeElement, textOf } from './element-tree.js';
import { unitOf } from './units.js';

/** Numbers of kinds of devices, as the common model of the DMTF has them. */
export const KINDS = {
  processor: 3,
  memory: 4,
  ide: 5,
  scsi: 6,
  ethernet: 10,
  cd: 15,
  dvd: 16,
  disk: 17,
  otherStorage: 20,
} as const;

/** Kinds that every machine has here, or that nobody misses: floppy drives, USB, screens, sound, serial ports, keyboards. */
export const PASSED_OVER: ReadonlySet<number> = new Set([0, 1, 2, 13, 14, 21, 22, 23, 24, 35]);

/** Most devices of one VM. */
const MOST_ITEMS = 1000;

/** A device of a VM, as it stands in the file. */
export interface HardwareItem {
  readonly id: string;
  readonly kind: number;
  readonly name: string;
  readonly model: string;
  readonly parent: string;
  /** Place at the controller. */
  readonly place: number;
  readonly quantity: string;
  readonly units: string;
  /** What it is about, e.g. `ovf:/disk/system`. */
  readonly resource: string;
  /** Name of a network. */
  readonly connection: string;
  readonly element: TreeElement;
}

/** The devices of a VM in the configuration that is chosen: where one comes twice, the more special one counts. */
export function hardwareItems(section: TreeElement, configuration: string | undefined): HardwareItem[] {
  const elements = childrenOf(section, 'Item', 'StorageItem', 'EthernetPortItem');
  if (elements.length > MOST_ITEMS) throw badFile('a VM of the appliance has too many devices');
  const items = new Map<string, HardwareItem>();
  for (const special of [false, true]) {
    for (const element of elements) {
      const wanted = element.attributes.get('configuration')?.split(/\s+/);
      if (special !== (wanted !== undefined)) continue;
      if (wanted !== undefined && !(configuration !== undefined && wanted.includes(configuration))) continue;
      const item = readItem(element);
      items.set(item.id, item);
    }
  }
  return [...items.values()];
}

function readItem(element: TreeElement): HardwareItem {
  return {
    id: textOf(element, 'InstanceID') || textOf(element, 'InstanceId'),
    kind: Number(textOf(element, 'ResourceType') || 0),
    name: (textOf(element, 'ElementName') || textOf(element, 'Caption')).slice(0, 100),
    model: textOf(element, 'ResourceSubType').slice(0, 100),
    parent: textOf(element, 'Parent'),
    place: Number(textOf(element, 'AddressOnParent') || 0),
    quantity: textOf(element, 'VirtualQuantity'),
    units: textOf(element, 'AllocationUnits') || textOf(element, 'VirtualQuantityUnits'),
    resource: textOf(element, 'HostResource'),
    connection: textOf(element, 'Connection').slice(0, 200),
    element,
  };
}

/** Bytes of an amount. Throws IMPORT_ERROR for what is no number: it may be left to whoever deploys an appliance. */
export function amountOf(quantity: string, units: string, what: string): number {
  const unit = unitOf(units);
  const bytes = /^\d{1,16}$/.test(quantity) && unit !== undefined ? Number(quantity) * unit : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw badFile(`the size of ${what} of the appliance makes no sense`);
  return bytes;
}

/** A number of things. Throws IMPORT_ERROR for what is none, or too many. */
export function countOf(quantity: string, most: number, what: string): number {
  const count = /^\d{1,9}$/.test(quantity) ? Number(quantity) : Number.NaN;
  if (!(count >= 1 && count <= most)) throw badFile(`the number of ${what} of the appliance makes no sense`);
  return count;
}
