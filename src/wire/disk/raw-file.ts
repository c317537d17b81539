import { type DiskDescription, type DiskFile, DiskWalk } from './disk-file.js';

/** A disk as its plain bytes. */
export function rawFile({ size, extents }: DiskDescription): DiskFile {
  return { length: size, parts: () => new DiskWalk(extents).between(0, size) };
}
