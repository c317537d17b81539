import { isVdiType, type VdiType } from './vdi-type.js';
import { emptyElement, readChildren } from './xml.js';

/** One disk that VM.provision makes. */
export interface ProvisionDisk {
  /** Position, as VBD.userdevice gets it. */
  readonly device: string;
  /** Bytes. */
  readonly size: number;
  /** Uuid of the storage repository; empty until a client has chosen one. */
  readonly sr: string;
  readonly bootable: boolean;
  readonly type: VdiType;
}

/** The key of VM.other_config that holds the disks. */
export const DISKS_KEY = 'disks';

/** Disks in one list: a VM has no more places. */
export const MAX_PROVISION_DISKS = 255;

/** The text is no list of disks. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

/** The disks as other_config holds them: `<provision><disk .../></provision>`. */
export function formatProvision(disks: readonly ProvisionDisk[]): string {
  const elements = disks.map(({ size, sr, bootable, type, device }) =>
    emptyElement('disk', { size: String(size), sr, bootable: String(bootable), type, device }),
  );
  return `<provision>${elements.join('')}</provision>`;
}

/** Reads the list as clients write it: attributes in any order, `type` may be missing. Throws ProvisionError. */
export function parseProvision(text: string): readonly ProvisionDisk[] {
  const elements = children(text);
  if (elements.length > MAX_PROVISION_DISKS) throw new ProvisionError(`more than ${MAX_PROVISION_DISKS} disks`);
  return elements.map(disk);
}

function children(text: string): ReadonlyMap<string, string>[] {
  try {
    return readChildren(text, 'provision', 'disk');
  } catch (error) {
    throw new ProvisionError(`not a list of disks: ${error instanceof Error ? error.message : error}`);
  }
}

function disk(attributes: ReadonlyMap<string, string>, index: number): ProvisionDisk {
  const required = (name: string): string => {
    const value = attributes.get(name);
    if (value === undefined) throw new ProvisionError(`disk ${index} has no ${name}`);
    return value;
  };
  const device = required('device');
  const size = required('size');
  const bytes = /^\d+$/.test(size) ? Number(size) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw new ProvisionError(`disk ${index} has a size that is no number of bytes`);
  const type = attributes.get('type') ?? 'system';
  if (!isVdiType(type)) throw new ProvisionError(`disk ${index} has an unknown type`);
  return { device, size: bytes, sr: attributes.get('sr') ?? '', bootable: attributes.get('bootable') === 'true', type };
}
