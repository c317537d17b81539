import { isUtf8 } from 'node:buffer';
import { badFile } from '../xva/file-error.js';
import { childOf, childrenOf, readTree, type TreeElement } from './element-tree.js';
import { amountOf } from './hardware-item.js';
import { readSystem } from './system.js';

/** Longest description that is read, in bytes: with many icons and licences some are half a megabyte long. */
export const LARGEST_ENVELOPE = 8 * 2 ** 20;

/** Most VMs, files, disks and networks of an appliance. */
const MOST = 1000;

/** A file that belongs to an appliance. */
export interface OvfFile {
  readonly href: string;
  readonly isGzip: boolean;
}

/** A disk of an appliance. */
export interface OvfDisk {
  readonly id: string;
  /** What has its content; without one the disk is empty. */
  readonly file: OvfFile | undefined;
  /** In bytes. */
  readonly capacity: number;
  /** The address that stands for the form of its file. */
  readonly format: string;
}

/** A drive: with a disk, or for CDs, which are elsewhere. */
export interface OvfDrive {
  readonly kind: 'disk' | 'cd';
  /** Id of the disk. */
  readonly disk?: string;
  /** What its controller speaks. */
  readonly bus: 'scsi' | 'sata' | 'ide' | 'unknown';
}

/** A network card. */
export interface OvfCard {
  readonly network: string;
  /** What it looks like to the guest, e.g. `VmxNet3`, as it stands there. */
  readonly model: string;
}

/** A VM of an appliance. */
export interface OvfSystem {
  readonly name: string;
  readonly description: string;
  /** All that is said of what runs in it, for people. */
  readonly guest: string;
  readonly vcpus: number;
  readonly coresPerSocket: number | undefined;
  /** In bytes. */
  readonly memory: number;
  readonly firmware: 'bios' | 'uefi';
  readonly secureBoot: boolean;
  /** In the order in which the VM looks for something to boot. */
  readonly drives: readonly OvfDrive[];
  readonly cards: readonly OvfCard[];
  /** Names of devices that are not known here. */
  readonly others: readonly string[];
}

/** What an OVF file says of an appliance. */
export interface OvfEnvelope {
  readonly disks: ReadonlyMap<string, OvfDisk>;
  readonly systems: readonly OvfSystem[];
}

/** Reads an OVF file. Throws IMPORT_ERROR for what is none, makes no sense, or tells of files that are not whole in the appliance. */
export function readEnvelope(document: Buffer): OvfEnvelope {
  if (!isUtf8(document)) throw badFile('the description of the appliance is not valid UTF-8');
  const root = readTree(document.toString('utf8'));
  if (root.name !== 'Envelope') throw badFile('the description of the appliance is not in OVF');
  const files = filesOf(childOf(root, 'References'));
  const disks = disksOf(childOf(root, 'DiskSection'), files);
  const configuration = defaultConfiguration(childOf(root, 'DeploymentOptionSection'));
  const systems = [...systemElements(root)].map((element) => readSystem(element, configuration));
  if (systems.length === 0) throw badFile('the appliance has no VMs');
  if (systems.length > MOST) throw badFile('the appliance has too many VMs');
  for (const { drives } of systems)
    for (const { disk } of drives)
      if (disk !== undefined && !disks.has(disk)) throw badFile(`the appliance has no disk ${disk.slice(0, 100)}`);
  return { disks, systems };
}

function* systemElements(parent: TreeElement): Generator<TreeElement> {
  for (const element of parent.children) {
    if (element.name === 'VirtualSystem') yield element;
    else if (element.name === 'VirtualSystemCollection') yield* systemElements(element);
  }
}

function filesOf(section: TreeElement | undefined): ReadonlyMap<string, OvfFile> {
  const found = childrenOf(section, 'File');
  if (found.length > MOST) throw badFile('the appliance has too many files');
  return new Map(
    found.map(({ attributes }) => {
      const href = attributes.get('href') ?? '';
      const compression = attributes.get('compression') ?? '';
      if (attributes.has('chunkSize')) throw badFile(`${href.slice(0, 200)} of the appliance is cut into several files`);
      if (compression !== '' && compression !== 'gzip' && compression !== 'identity')
        throw badFile(`${href.slice(0, 200)} of the appliance is compressed in an unknown way`);
      return [attributes.get('id') ?? '', { href, isGzip: compression === 'gzip' }] as const;
    }),
  );
}

function disksOf(section: TreeElement | undefined, files: ReadonlyMap<string, OvfFile>): ReadonlyMap<string, OvfDisk> {
  const found = childrenOf(section, 'Disk');
  if (found.length > MOST) throw badFile('the appliance has too many disks');
  const used = new Set<string>();
  return new Map(
    found.map(({ attributes }) => {
      const id = attributes.get('diskId') ?? '';
      if ((attributes.get('parentRef') ?? '') !== '')
        throw badFile('a disk of the appliance only has differences to another one');
      const reference = attributes.get('fileRef') ?? '';
      const file = reference === '' ? undefined : files.get(reference);
      if (reference !== '' && file === undefined) throw badFile(`the appliance has no file ${reference.slice(0, 100)}`);
      if (reference !== '' && used.size === used.add(reference).size)
        throw badFile('two disks of the appliance have the same file');
      const capacity = amountOf(attributes.get('capacity') ?? '', attributes.get('capacityAllocationUnits') || 'byte', 'a disk');
      return [id, { id, file, capacity, format: attributes.get('format') ?? '' }] as const;
    }),
  );
}

/** Of several ways to deploy an appliance the one that is meant for those who do not choose. */
function defaultConfiguration(section: TreeElement | undefined): string | undefined {
  const all = childrenOf(section, 'Configuration');
  const chosen = all.find(({ attributes }) => attributes.get('default') === 'true') ?? all[0];
  return chosen?.attributes.get('id');
}
