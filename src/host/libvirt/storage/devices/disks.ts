import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SECTOR } from './block-device.js';

/** A physical disk or drive of the host, as the kernel tells of it. */
export interface Disk {
  /** Name in /dev. */
  readonly name: string;
  /** What stays the same whatever the kernel calls it: its SCSI id or its serial number; undefined where it has neither. */
  readonly id: string | undefined;
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  /** Bytes; 0 for an empty drive. */
  readonly size: number;
  readonly isReadOnly: boolean;
  readonly isRemovable: boolean;
  readonly kind: 'disk' | 'cd';
  /** Where a SCSI disk is. */
  readonly scsi: ScsiAddress | undefined;
  /** Name of the multipath device that the disk is a path of. */
  readonly multipath: string | undefined;
}

/** Which adapter, channel, target and logical unit. */
export interface ScsiAddress {
  /** Number of the adapter. */
  readonly host: number;
  readonly channel: string;
  readonly target: string;
  readonly lun: number;
}

/** Disks that are looked at: far above any real host. */
const MOST_DISKS = 10_000;

/** Names of devices that are no disks of their own: made of files, of memory, of other disks. */
const VIRTUAL = /^(?:loop|ram|zram|dm-|md|nbd|drbd|fd|mtdblock)/;

/** SCSI devices that are CD drives. */
const CD_TYPE = '5';

/** How long a vital product page may be. */
const SERIAL_HEADER = 4;

/** Every physical disk and drive of the host. `sys` is where the kernel tells of itself. */
export async function disksOf(sys = '/sys'): Promise<readonly Disk[]> {
  const names = (await readdir(join(sys, 'block')).catch((): string[] => [])).filter((name) => !VIRTUAL.test(name)).sort();
  return Promise.all(names.slice(0, MOST_DISKS).map((name) => diskOf(sys, name)));
}

async function diskOf(sys: string, name: string): Promise<Disk> {
  const directory = join(sys, 'block', name);
  const text = (path: string): Promise<string> => textOf(join(directory, path));
  const [sectors, readOnly, removable, type, vendor, model, worldWide, serial, address, multipath] = await Promise.all([
    text('size'),
    text('ro'),
    text('removable'),
    text('device/type'),
    text('device/vendor'),
    text('device/model'),
    text('device/wwid').then((found) => found || text('wwid')),
    serialOf(directory),
    addressOf(directory),
    multipathOf(sys, directory),
  ]);
  const isCd = /^sr\d/.test(name) || type === CD_TYPE;
  return {
    name,
    id: scsiIdOf(worldWide) ?? (serial === '' ? undefined : serial.replace(/[^\w.+-]/g, '_')),
    // Virtio says a number where others have a name.
    vendor: vendor.startsWith('0x') ? '' : vendor,
    model,
    serial,
    size: (Number(sectors) || 0) * SECTOR,
    isReadOnly: readOnly === '1' || isCd,
    isRemovable: removable === '1' || isCd,
    kind: isCd ? 'cd' : 'disk',
    scsi: address,
    multipath,
  };
}

/**
 * The SCSI id as clients and device links have it: a digit for the kind of name, then the name. The kernel writes the kind as a word.
 */
export function scsiIdOf(worldWide: string): string | undefined {
  const [, kind, name] = /^(naa|eui|t10)\.(.+)$/.exec(worldWide.trim()) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  if (kind === 't10')
    return `1${name
      .trim()
      .replace(/\s+/g, '_')
      .replace(/[^\w.:+-]/g, '_')}`;
  return (kind === 'naa' ? '3' : '2') + name.toLowerCase();
}

async function serialOf(directory: string): Promise<string> {
  const page = await readFile(join(directory, 'device/vpd_pg80')).catch(() => undefined);
  if (page !== undefined) return printable(page.subarray(SERIAL_HEADER).toString('latin1'));
  return (await textOf(join(directory, 'device/serial'))) || textOf(join(directory, 'serial'));
}

async function addressOf(directory: string): Promise<ScsiAddress | undefined> {
  const device = basename(await readlink(join(directory, 'device')).catch(() => ''));
  const [, host, channel, target, lun] = /^(\d+):(\d+):(\d+):(\d+)$/.exec(device) ?? [];
  if (host === undefined || channel === undefined || target === undefined || lun === undefined) return undefined;
  return { host: Number(host), channel, target, lun: Number(lun) };
}

async function multipathOf(sys: string, directory: string): Promise<string | undefined> {
  for (const holder of await readdir(join(directory, 'holders')).catch((): string[] => [])) {
    const uuid = await textOf(join(sys, 'block', holder, 'dm/uuid'));
    if (uuid.startsWith('mpath-')) return (await textOf(join(sys, 'block', holder, 'dm/name'))) || undefined;
  }
  return undefined;
}

async function textOf(path: string): Promise<string> {
  return printable(await readFile(path, 'latin1').catch(() => ''));
}

/** What devices say of themselves is shown to people and put into XML. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').trim();
}
