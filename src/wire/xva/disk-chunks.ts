/** Bytes of a piece of a disk; the last may be shorter. */
export const CHUNK_SIZE = 1024 * 1024;

/** Highest number that a piece can have in eight digits. */
export const LAST_NUMBER = 99_999_999;

/** Name of a piece of the disk whose object has this id. */
export function chunkName(disk: string, number: number): string {
  return `${disk}/${String(number).padStart(8, '0')}`;
}

/** Number of a piece of a disk out of its name; undefined for the name of anything else. */
export function chunkNumber(disk: string, name: string): number | undefined {
  if (!name.startsWith(`${disk}/`)) return undefined;
  const digits = name.slice(disk.length + 1);
  return /^\d{8}$/.test(digits) ? Number(digits) : undefined;
}

/** Disks lie in a file in the order of the text of their ids: `Ref:10` before `Ref:9`. */
export function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}
