import type { ReadBytes } from './ext-file-system.js';

const SECTOR = 512;
/** Where the table of a disk of the old kind stands in its first sector. */
const TABLE = { at: 446, entries: 4, each: 16 } as const;
const SIGNATURE = { at: 510, value: 0xaa55 } as const;
/** Kind of a partition that stands for a table of the newer kind. */
const GPT = 0xee;
/** Most partitions of a table of the newer kind that are looked at. */
const MOST = 16;
/** Boot loaders that say their name in the first sector. */
const LOADERS = ['GRUB', 'LILO'] as const;

/** A partition, or the whole disk, by its first byte. */
export type PartitionStart = number;

/** What there is on a disk to boot from. */
export interface DiskLayout {
  /** Whether a machine's firmware finds a boot loader in its first sector, or in that of its active partition. */
  readonly hasLoader: boolean;
  /** Where file systems may be, in the order in which they are looked at. */
  readonly starts: readonly PartitionStart[];
}

/** Looks at the partitions of a disk. */
export async function diskLayout(read: ReadBytes): Promise<DiskLayout> {
  const sector = await read(0, SECTOR);
  if (sector.length < SECTOR || sector.readUInt16LE(SIGNATURE.at) !== SIGNATURE.value) return { hasLoader: false, starts: [0] };
  const hasLoader = LOADERS.some((name) => sector.subarray(0, TABLE.at).includes(name));
  const starts: number[] = [];
  let active = false;
  for (let entry = 0; entry < TABLE.entries; entry++) {
    const at = TABLE.at + entry * TABLE.each;
    const [kind, first] = [sector.readUInt8(at + 4), sector.readUInt32LE(at + 8)];
    if (kind === GPT) starts.push(...(await newerPartitions(read)));
    else if (kind !== 0 && first !== 0) {
      starts.push(first * SECTOR);
      active ||= sector.readUInt8(at) === 0x80 && (await isBootable(read, first * SECTOR)) && isCode(sector);
    }
  }
  return { hasLoader: hasLoader || active, starts: [...starts, 0] };
}

async function newerPartitions(read: ReadBytes): Promise<number[]> {
  const header = await read(SECTOR, SECTOR);
  if (header.length < SECTOR || header.toString('latin1', 0, 8) !== 'EFI PART') return [];
  const [at, each] = [Number(header.readBigUInt64LE(72)) * SECTOR, header.readUInt32LE(84)];
  if (!Number.isSafeInteger(at) || each < 128 || each > 4096) return [];
  const table = await read(at, MOST * each);
  const found: number[] = [];
  for (let entry = 0; (entry + 1) * each <= table.length; entry++) {
    const first = Number(table.readBigUInt64LE(entry * each + 32)) * SECTOR;
    if (first > 0 && Number.isSafeInteger(first)) found.push(first);
  }
  return found;
}

async function isBootable(read: ReadBytes, at: number): Promise<boolean> {
  const sector = await read(at, SECTOR);
  return sector.length === SECTOR && sector.readUInt16LE(SIGNATURE.at) === SIGNATURE.value && isCode(sector);
}

function isCode(sector: Buffer): boolean {
  return sector.subarray(0, TABLE.at - 6).some((byte) => byte !== 0);
}
