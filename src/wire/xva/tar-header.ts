import { badFile } from './file-error.js';

/** Everything in a tar file begins at a multiple of it, in bytes. */
export const TAR_BLOCK = 512;

/** Longest name that fits into a header. */
const NAME_LENGTH = 100;

/** What an entry is. Names that are too long, and what newer formats add, come as entries of their own before the one they are about. */
export type TarKind = 'file' | 'directory' | 'long name' | 'attributes' | 'common attributes' | 'other';

/** A header as it stands in the file. */
export interface TarHeader {
  readonly name: string;
  readonly kind: TarKind;
  /** Bytes of content that follow. */
  readonly size: number;
}

const KINDS: Readonly<Record<string, TarKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '5': 'directory',
  L: 'long name',
  x: 'attributes',
  g: 'common attributes',
};

const FIELDS = {
  name: [0, NAME_LENGTH],
  mode: [100, 108],
  owner: [108, 116],
  group: [116, 124],
  size: [124, 136],
  time: [136, 148],
  sum: [148, 156],
  kind: [156, 157],
  magic: [257, 265],
  prefix: [345, 500],
} as const;

/** The header of a file: name of up to 100 bytes, size in bytes, time in seconds since 1970. */
export function encodeTarHeader(name: string, size: number, time: number): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  if (Buffer.byteLength(name) > NAME_LENGTH) throw new Error(`a name of more than ${NAME_LENGTH} bytes`);
  const put = (field: keyof typeof FIELDS, text: string) => block.write(text, FIELDS[field][0], 'latin1');
  block.write(name, 0, 'utf8');
  put('mode', octal(0o644, 7));
  put('owner', octal(0, 7));
  put('group', octal(0, 7));
  put('size', octal(size, 11));
  put('time', octal(time, 11));
  put('kind', '0');
  put('magic', 'ustar\x0000');
  put('sum', `${octal(sumOf(block), 6)}\0 `);
  return block;
}

/** Zeros after content of so many bytes, up to where the next header begins. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** What ends a tar file. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * TAR_BLOCK);
}

/** Reads a header; undefined for a block of zeros, of which two end the file. Throws IMPORT_ERROR for anything else. */
export function decodeTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (number(block, 'sum') !== sumOf(block)) throw badFile('a header of the file is damaged, or it is no tar file');
  const prefix = field(block, 'magic').startsWith('ustar\x0000') ? text(block, 'prefix') : '';
  const name = text(block, 'name');
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    kind: KINDS[field(block, 'kind')] ?? 'other',
    size: number(block, 'size'),
  };
}

function octal(value: number, digits: number): string {
  const written = value.toString(8);
  if (written.length > digits) throw new Error(`${value} does not fit into a header`);
  return written.padStart(digits, '0');
}

/** The sum of all bytes, those of the sum itself counted as blanks. */
function sumOf(block: Buffer): number {
  const [start, end] = FIELDS.sum;
  let sum = 0x20 * (end - start);
  for (let i = 0; i < TAR_BLOCK; i++) if (i < start || i >= end) sum += block[i] ?? 0;
  return sum;
}

function field(block: Buffer, name: keyof typeof FIELDS): string {
  return block.toString('latin1', ...FIELDS[name]);
}

function text(block: Buffer, name: keyof typeof FIELDS): string {
  const bytes = block.subarray(...FIELDS[name]);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Octal digits, or eight bytes of a large number that a set first bit announces. */
function number(block: Buffer, name: keyof typeof FIELDS): number {
  const [start, end] = FIELDS[name];
  const value = ((block[start] ?? 0) & 0x80) === 0 ? octalNumber(field(block, name)) : Number(block.readBigUInt64BE(end - 8));
  if (!Number.isSafeInteger(value)) throw badFile('a header of the file has a number that makes no sense');
  return value;
}

function octalNumber(written: string): number {
  const digits = /^[ \0]*([0-7]*)[ \0]*$/.exec(written)?.[1];
  if (digits === undefined) throw badFile('a header of the file is damaged, or it is no tar file');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}
