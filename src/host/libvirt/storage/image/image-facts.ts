import type { VolumeSource } from '../../volume-source.js';

/** Formats that QEMU opens as disks of guests. */
export type ImageFormat = VolumeSource['format'];

/** What the header of an image tells. Sizes in bytes. */
export interface ImageFacts {
  readonly format: ImageFormat;
  readonly virtualSize: number;
  /** The image below it, as the header names it. */
  readonly backing?: string;
}

/** QEMU sees disks in sectors of this many bytes: what is no multiple is filled up with zeros. */
export const SECTOR = 512;

/** The size that QEMU gives to a disk of so many bytes. */
export function wholeSectors(size: number): number {
  return Math.ceil(size / SECTOR) * SECTOR;
}

/** A number of 64 bits; undefined where it is too large to be the size of anything. */
export function safeNumber(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
