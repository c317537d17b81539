import type { DiskSpec } from '../../compute.js';
import type { DiskBus, Hardware } from './hardware.js';

/** Where a drive is in the guest. */
export interface DiskPlace {
  readonly bus: DiskBus;
  /** Name by which libvirt tells drives apart: `vda`. */
  readonly target: string;
}

/** Two controllers with two drives each. */
const IDE_DRIVES = 4;

/** The bus and name of a drive by its position. `readonly`: no data can be written to it. */
export function diskPlace(
  { kind, position }: Pick<DiskSpec, 'kind' | 'position'>,
  hardware: Hardware,
  readonly: boolean,
  taken: ReadonlySet<string> = new Set(),
): DiskPlace {
  const bus = busOf(kind, position, hardware, readonly);
  const prefix = bus === 'virtio' ? 'vd' : bus === 'ide' ? 'hd' : 'sd';
  let at = Math.max(0, position);
  while (taken.has(prefix + letters(at))) at++;
  return { bus, target: prefix + letters(at) };
}

/** The position that a name such as `vda` or `sdaa` stands for; undefined for other names. */
export function positionOf(target: string): number | undefined {
  const [, found] = /^(?:vd|sd|hd|xvd|ubd|fd)([a-z]{1,3})$/.exec(target) ?? [];
  if (found === undefined) return undefined;
  return [...found].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 'a'.charCodeAt(0) + 1, 0) - 1;
}

function busOf(kind: DiskSpec['kind'], position: number, { machine, diskBus }: Hardware, readonly: boolean): DiskBus {
  const old = machine === 'pc' && position < IDE_DRIVES ? 'ide' : 'sata';
  // There is no virtio CD drive, and guests find those of old kinds without drivers.
  if (kind === 'CD') return diskBus === 'usb' || diskBus === 'scsi' ? diskBus : old;
  const bus = diskBus === 'ide' ? old : diskBus;
  // QEMU has no such disk on these.
  return readonly && (bus === 'ide' || bus === 'sata') ? 'usb' : bus;
}

function letters(position: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (position % 26));
  return position < 26 ? letter : letters(Math.floor(position / 26) - 1) + letter;
}
