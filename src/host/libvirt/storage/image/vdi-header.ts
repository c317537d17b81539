import { safeNumber } from './image-facts.js';

/** Length of the part of the header that `parseVdi` needs. */
export const VDI_HEADER = 512;

const SIGNATURE = 0xbeda107f;
const VERSION = 0x00010001;
const TYPES = [1, 2];
/** Where the uuids of other images stand that this one hangs on. */
const LINKS = { start: 0x1a8, end: 0x1c8 };

/** Whether a file that starts so is an image of VirtualBox. */
export function isVdi(head: Buffer): boolean {
  return head.length >= VDI_HEADER && head.readUInt32LE(0x40) === SIGNATURE;
}

/**
 * Reads the start of a file: size in bytes of the disk; undefined for what is no image of VirtualBox or hangs on another
 * file.
 */
export function parseVdi(head: Buffer): number | undefined {
  if (!isVdi(head) || head.readUInt32LE(0x44) !== VERSION) return undefined;
  if (!TYPES.includes(head.readUInt32LE(0x4c))) return undefined;
  if (head.subarray(LINKS.start, LINKS.end).some((byte) => byte !== 0)) return undefined;
  return safeNumber(head.readBigUInt64LE(0x170));
}
