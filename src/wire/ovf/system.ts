import { badFile } from '../xva/file-error.js';
import { childOf, childrenOf, type TreeElement, textOf } from './element-tree.js';
import type { OvfCard, OvfDrive, OvfSystem } from './envelope.js';
import { amountOf, countOf, type HardwareItem, hardwareItems, KINDS, PASSED_OVER } from './hardware-item.js';

/** Characters of names and descriptions that are taken over. */
const LONGEST = { name: 256, description: 16 * 1024, guest: 500 } as const;
/** Most virtual CPUs: more than any host has. */
const MOST_VCPUS = 4096;
/** Memory of VMs whose file says nothing of it, in bytes. */
const USUAL_MEMORY = 2 ** 30;
/** Drives for CDs that are made; more are of no use. */
const MOST_CD_DRIVES = 1;

const BUSES: Readonly<Record<number, OvfDrive['bus']>> = {
  [KINDS.ide]: 'ide',
  [KINDS.scsi]: 'scsi',
  [KINDS.otherStorage]: 'sata',
};

/** Reads a VM. `configuration`: the way in which the appliance is deployed. Throws IMPORT_ERROR. */
export function readSystem(element: TreeElement, configuration: string | undefined): OvfSystem {
  const section = childOf(element, 'VirtualHardwareSection');
  if (section === undefined) throw badFile('a VM of the appliance has no description of its hardware');
  const items = hardwareItems(section, configuration);
  const item = (kind: number) => items.find((one) => one.kind === kind);
  const [processor, memory] = [item(KINDS.processor), item(KINDS.memory)];
  const config = configOf(section);
  const cores = textOf(processor?.element, 'CoresPerSocket');
  return {
    name: (textOf(element, 'Name') || element.attributes.get('id') || 'Imported VM').slice(0, LONGEST.name),
    description: textOf(childOf(element, 'AnnotationSection'), 'Annotation').slice(0, LONGEST.description),
    guest: guestOf(element),
    vcpus: processor === undefined ? 1 : countOf(processor.quantity, MOST_VCPUS, 'processors of a VM'),
    coresPerSocket: cores === '' ? undefined : countOf(cores, MOST_VCPUS, 'cores of a VM'),
    memory: memory === undefined ? USUAL_MEMORY : amountOf(memory.quantity, memory.units || 'MegaBytes', 'the memory of a VM'),
    firmware: isUefi(element, config) ? 'uefi' : 'bios',
    secureBoot: /^true$/i.test(config.get('bootOptions.efiSecureBootEnabled') ?? config.get('uefi.secureBoot.enabled') ?? ''),
    drives: drivesOf(items, bootFirst(element)),
    cards: items.filter(({ kind }) => kind === KINDS.ethernet).map(cardOf),
    others: items.filter(isUnknown).map(({ name, kind }) => name || `device of type ${kind}`),
  };
}

/** What VMware says of a VM beyond the format. */
function configOf(section: TreeElement): ReadonlyMap<string, string> {
  const pairs = childrenOf(section, 'Config', 'ExtraConfig');
  return new Map(pairs.map(({ attributes }) => [attributes.get('key') ?? '', attributes.get('value') ?? ''] as const));
}

/** VirtualBox says it in a description of its own. */
function isUefi(element: TreeElement, config: ReadonlyMap<string, string>): boolean {
  const hardware = childOf(childOf(element, 'Machine'), 'Hardware');
  const firmware = config.get('firmware') || childOf(hardware, 'Firmware')?.attributes.get('type') || 'bios';
  return /efi/i.test(firmware);
}

function guestOf(element: TreeElement): string {
  const section = childOf(element, 'OperatingSystemSection');
  const texts = [section?.attributes.get('osType') ?? '', textOf(section, 'Description'), textOf(section, 'OSType')];
  return texts.filter(Boolean).join(' ').slice(0, LONGEST.guest);
}

/** The device from which VMware boots first, where the file says so. */
function bootFirst(element: TreeElement): string | undefined {
  const orders = childrenOf(element, 'BootOrderSection');
  return orders.find(({ attributes }) => attributes.get('type') === 'disk')?.attributes.get('instanceId');
}

/** Disks by their controllers, in the order in which those stand in the file, and by their places there; then drives for CDs. */
function drivesOf(items: readonly HardwareItem[], first: string | undefined): OvfDrive[] {
  const controllers = items.filter(({ kind }) => BUSES[kind] !== undefined);
  const rank = ({ id, parent, place }: HardwareItem): readonly [number, number, number] => {
    const controller = controllers.findIndex((one) => one.id === parent);
    return [id === first ? 0 : 1, controller < 0 ? controllers.length : controller, place];
  };
  const busOf = ({ parent }: HardwareItem) => {
    const controller = controllers.find(({ id }) => id === parent);
    // Controllers for NVMe have no number of their own.
    return controller === undefined || /nvme/i.test(controller.model) ? 'unknown' : (BUSES[controller.kind] ?? 'unknown');
  };
  const disks = items
    .filter(({ kind }) => kind === KINDS.disk)
    .map((item) => ({ item, rank: rank(item) }))
    .sort((one, other) => compare(one.rank, other.rank))
    .map(({ item }): OvfDrive => ({ kind: 'disk', disk: diskOf(item), bus: busOf(item) }));
  const cds = items.filter(({ kind }) => kind === KINDS.cd || kind === KINDS.dvd).slice(0, MOST_CD_DRIVES);
  return [...disks, ...cds.map((item): OvfDrive => ({ kind: 'cd', bus: busOf(item) }))];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Id of the disk of a drive. */
function diskOf({ resource, name }: HardwareItem): string {
  const [, id] = /^(?:ovf:)?\/?disk\/(.+)$/.exec(resource) ?? [];
  if (id === undefined) throw badFile(`the drive ${name} of the appliance has no disk that is described`);
  return id;
}

function cardOf({ connection, model }: HardwareItem): OvfCard {
  return { network: connection, model };
}

function isUnknown({ kind, model }: HardwareItem): boolean {
  const known = Object.values(KINDS).some((one) => one === kind) || PASSED_OVER.has(kind);
  // Whatever has no number of its own is of kind 1: screens, and things that only VMware has.
  return !known || (kind === 1 && /vtpm|passthrough/i.test(model));
}
