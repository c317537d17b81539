import { crc32cWithout } from '../crc32c.js';
import { guid } from '../vhdx/headers.js';

const MIB = 2 ** 20;
const BLOCK = MIB;
const ZEROS = Buffer.alloc(BLOCK);
/** Blocks between two blocks of bits. */
const RATIO = (2 ** 23 * 512) / BLOCK;

function withSum(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32cWithout(bytes, 4), 4);
  return bytes;
}

/** A header; `log` is the id of a log that still has to be written back. */
function headerOf(sequence: number, log: Buffer): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write('head');
  bytes.writeBigUInt64LE(BigInt(sequence), 8);
  log.copy(bytes, 48);
  bytes.writeUInt16LE(1, 66);
  bytes.writeUInt32LE(MIB, 68);
  bytes.writeBigUInt64LE(BigInt(MIB), 72);
  return withSum(bytes);
}

function regionsOf(blockTable: number): Buffer {
  const bytes = Buffer.alloc(65_536);
  bytes.write('regi');
  bytes.writeUInt32LE(2, 8);
  const entries = [
    ['2dc27766-f623-4200-9d64-115e9bfd4a08', 3 * MIB, blockTable],
    ['8b7ca206-4790-4b9a-b8fe-575f050f886e', 2 * MIB, MIB],
  ] as const;
  for (const [index, [id, at, length]] of entries.entries()) {
    const start = 16 + index * 32;
    guid(id).copy(bytes, start);
    bytes.writeBigUInt64LE(BigInt(at), start + 16);
    bytes.writeUInt32LE(length, start + 24);
    bytes.writeUInt32LE(1, start + 28);
  }
  return withSum(bytes);
}

function metadataOf(size: number, flags: number): Buffer {
  const bytes = Buffer.alloc(MIB);
  bytes.write('metadata');
  const [parameters, length, sector] = [Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(4)];
  parameters.writeUInt32LE(BLOCK);
  parameters.writeUInt32LE(flags, 4);
  length.writeBigUInt64LE(BigInt(size));
  sector.writeUInt32LE(512);
  const items = [
    ['caa16737-fa36-4d43-b3b6-33f0aa44e76b', parameters],
    ['2fa54224-cd1b-4876-b211-5dbed83bf4b8', length],
    ['beca12ab-b2e6-4523-93ef-c309e000c746', Buffer.alloc(16, 9)],
    ['8141bf1d-a96f-4709-ba47-f233a8faab5f', sector],
    ['cda348c7-445d-4471-9cc9-e9885251c556', sector],
  ] as const;
  bytes.writeUInt16LE(items.length, 10);
  for (const [index, [id, value]] of items.entries()) {
    const [start, at] = [32 + index * 32, 65_536 + index * 16];
    guid(id).copy(bytes, start);
    bytes.writeUInt32LE(at, start + 16);
    bytes.writeUInt32LE(value.length, start + 20);
    bytes.writeUInt32LE(4, start + 24);
    value.copy(bytes, at);
  }
  return bytes;
}

/** A disk of whole sectors as a VHDX. `log`: id of a log with changes; `flags`: 2 for one that stands on another disk. */
export function vhdxOf(disk: Buffer, { log = Buffer.alloc(16), flags = 0 }: { log?: Buffer; flags?: number } = {}): Buffer {
  const blocks = Math.ceil(disk.length / BLOCK);
  const table = Buffer.alloc(MIB);
  const data: Buffer[] = [];
  for (let block = 0; block < blocks; block++) {
    const bytes = Buffer.concat([disk.subarray(block * BLOCK, (block + 1) * BLOCK)], BLOCK);
    if (bytes.equals(ZEROS)) continue;
    const entry = block + Math.floor(block / RATIO);
    table.writeBigUInt64LE((BigInt(4 + data.length) << 20n) | 6n, entry * 8);
    data.push(bytes);
  }
  const fixed = Buffer.alloc(MIB);
  fixed.write('vhdxfile');
  headerOf(7, log).copy(fixed, 0x10000);
  headerOf(6, Buffer.alloc(16)).copy(fixed, 0x20000);
  regionsOf(MIB).copy(fixed, 0x30000);
  regionsOf(MIB).copy(fixed, 0x40000);
  return Buffer.concat([fixed, Buffer.alloc(MIB), metadataOf(disk.length, flags), table, ...data]);
}
