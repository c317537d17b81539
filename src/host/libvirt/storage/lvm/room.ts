/** Clusters of qcow2 images as QEMU makes them, in bytes. */
const CLUSTER = 65_536;

/** How much more than it needs a volume is given, so that it need not grow with every write. Sizes in bytes. */
export interface Steps {
  /** What a volume that grows gets at a time. */
  readonly step: number;
  /** Room that is left when it gets more: what a guest may write until then. */
  readonly reserve: number;
}

/** A guest that writes a gigabyte in each second leaves a second to make its volume larger. */
export const STEPS: Steps = { step: 2 * 2 ** 30, reserve: 2 ** 30 };

/**
 * Bytes of a volume with a qcow2 image in which everything was written: the data, tables to find it by (8 bytes for each
 * cluster), counts of references (2 bytes for each), as much again for bitmaps of changed blocks, and what is small.
 */
export function fullSize(virtualSize: number): number {
  const clusters = Math.ceil(virtualSize / CLUSTER);
  const tables = Math.ceil(clusters / 8192) * CLUSTER;
  const counts = Math.ceil(clusters / 32_768 + 1) * CLUSTER;
  return clusters * CLUSTER + tables + 2 * counts + 16 * CLUSTER;
}

/** Bytes that a volume with a qcow2 image has at first. */
export function firstSize(virtualSize: number, { step }: Steps, isThick: boolean): number {
  return isThick ? fullSize(virtualSize) : Math.min(fullSize(virtualSize), step);
}

/**
 * Bytes that a volume is to have when so much of it is written and more is to come; the size that it has where that is enough.
 */
export function sizeFor(used: number, now: number, virtualSize: number, { step, reserve }: Steps): number {
  const full = fullSize(virtualSize);
  if (now >= full || used + reserve <= now) return now;
  return Math.min(full, Math.max(now, used) + step);
}

/** Offset in a volume of so many bytes from which on a write says that it needs more; undefined where it has all it can need. */
export function thresholdOf(now: number, virtualSize: number, { reserve }: Steps): number | undefined {
  return now >= fullSize(virtualSize) ? undefined : Math.max(1, now - reserve);
}

/** Bytes by which an image grows at most when so many bytes are written into it in one piece. */
export function growthOf(bytes: number): number {
  // A cluster that is touched at either end, and one of tables for each 512 MiB, and one of counts for each 2 GiB.
  const clusters = Math.ceil(bytes / CLUSTER) + 1;
  return (clusters + Math.ceil(clusters / 8192) + Math.ceil(clusters / 32_768) + 2) * CLUSTER;
}
