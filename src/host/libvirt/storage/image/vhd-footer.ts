import { SECTOR, safeNumber } from './image-facts.js';

/** Length of the footer, of which dynamic images have a copy at their start. */
export const VHD_FOOTER = 512;

const COOKIE = 'conectix';
const TYPES = { fixed: 2, dynamic: 3 } as const;
/**
 * Makers whose images are as large as they say. With others the geometry counts, as in the product that the format comes
 * from.
 */
const EXACT_MAKERS = new Set(['win ', 'qem2', 'd2v ', 'tap\0', 'CTXS', 'wa\0\0']);
const LARGEST_GEOMETRY = 65535 * 16 * 255;

/**
 * Reads a footer or its copy: the size in bytes that QEMU gives to the disk; undefined for what is no VHD or hangs on
 * another file.
 */
export function parseVhd(footer: Buffer): number | undefined {
  if (footer.length < VHD_FOOTER || footer.toString('latin1', 0, 8) !== COOKIE) return undefined;
  const type = footer.readUInt32BE(60);
  if (type !== TYPES.fixed && type !== TYPES.dynamic) return undefined;
  const said = safeNumber(footer.readBigUInt64BE(48));
  if (said === undefined) return undefined;
  const maker = footer.toString('latin1', 28, 32);
  const sectors = footer.readUInt16BE(56) * footer.readUInt8(58) * footer.readUInt8(59);
  if (EXACT_MAKERS.has(maker) || sectors === LARGEST_GEOMETRY) return Math.floor(said / SECTOR) * SECTOR;
  return sectors * SECTOR;
}
