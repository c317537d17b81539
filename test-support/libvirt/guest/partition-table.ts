/** A partition of a disk with an MBR. */
export interface Partition {
  /** The byte that says what it holds, e.g. 0x83 for Linux. */
  readonly type: number;
  /** The one that a BIOS starts from. */
  readonly active?: boolean;
  /** Where it begins and how long it is, in MiB. */
  readonly start: number;
  readonly size: number;
}

const SECTOR = 512;
const MIB = 1024 * 1024;

/** Where the table begins in the first sector, and how long an entry is, in bytes. */
const TABLE = 446;
const ENTRY = 16;

/** Writes the partition table into a first sector, which may begin with a boot loader. */
export function writePartitionTable(sector: Buffer, partitions: readonly Partition[]): void {
  sector.fill(0, TABLE, SECTOR - 2);
  for (const [i, { type, active = false, start, size }] of partitions.entries()) {
    const at = TABLE + i * ENTRY;
    sector.writeUInt8(active ? 0x80 : 0, at);
    // Cylinders, heads and sectors are not used any more: these values send readers to the numbers of sectors.
    sector.writeUIntBE(0xfeffff, at + 1, 3);
    sector.writeUInt8(type, at + 4);
    sector.writeUIntBE(0xfeffff, at + 5, 3);
    sector.writeUInt32LE((start * MIB) / SECTOR, at + 8);
    sector.writeUInt32LE((size * MIB) / SECTOR, at + 12);
  }
  sector.writeUInt16BE(0x55aa, SECTOR - 2);
}
