import { deflateSync } from 'node:zlib';

const SECTOR = 512;
const GRAIN = 65_536;
const ENTRIES = 512;

/** Fills bytes up to whole sectors. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((SECTOR - (bytes.length % SECTOR)) % SECTOR)]);
}

function descriptionOf(type: string, size: number): Buffer {
  const lines = ['# Disk DescriptorFile', 'version=1', 'CID=12345678', 'parentCID=ffffffff', `createType="${type}"`];
  return padded(Buffer.from([...lines, `RW ${size / SECTOR} SPARSE "disk.vmdk"`, ''].join('\n')));
}

interface Header {
  readonly flags: number;
  readonly size: number;
  readonly directory: bigint;
  readonly dataAt: number;
  readonly isCompressed: boolean;
}

function headerOf({ flags, size, directory, dataAt, isCompressed }: Header): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.write('KDMV');
  bytes.writeUInt32LE(isCompressed ? 3 : 1, 4);
  bytes.writeUInt32LE(flags, 8);
  bytes.writeBigUInt64LE(BigInt(size / SECTOR), 12);
  bytes.writeBigUInt64LE(BigInt(GRAIN / SECTOR), 20);
  bytes.writeBigUInt64LE(1n, 28);
  bytes.writeBigUInt64LE(1n, 36);
  bytes.writeUInt32LE(ENTRIES, 44);
  bytes.writeBigUInt64LE(directory, 56);
  bytes.writeBigUInt64LE(BigInt(dataAt / SECTOR), 64);
  bytes.write('\n \r\n', 73);
  bytes.writeUInt16LE(isCompressed ? 1 : 0, 77);
  return bytes;
}

/** A sector that says what follows: sectors of a kind. */
function marker(sectors: number, kind: number): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes.writeBigUInt64LE(BigInt(sectors));
  bytes.writeUInt32LE(kind, 12);
  return bytes;
}

/** The numbers of the grains of a disk that hold anything. */
function* grainsOf(disk: Buffer): Generator<number> {
  const zeros = Buffer.alloc(GRAIN);
  for (let at = 0; at < disk.length; at += GRAIN) {
    const grain = disk.subarray(at, at + GRAIN);
    if (!grain.equals(zeros.subarray(0, grain.length))) yield at / GRAIN;
  }
}

function wholeGrain(disk: Buffer, grain: number): Buffer {
  return Buffer.concat([disk.subarray(grain * GRAIN, (grain + 1) * GRAIN)], GRAIN);
}

/** A disk of whole sectors as VMware exports it: compressed grains, tables behind them, a footer at the end. */
export function streamOptimizedVmdk(disk: Buffer): Buffer {
  const header = { flags: 0x30001, size: disk.length, dataAt: 2 * SECTOR, isCompressed: true };
  const pieces = [headerOf({ ...header, directory: 2n ** 64n - 1n }), descriptionOf('streamOptimized', disk.length)];
  let at = 2 * SECTOR;
  const put = (bytes: Buffer): number => {
    const place = at / SECTOR;
    pieces.push(bytes);
    at += bytes.length;
    return place;
  };
  const tables = new Map<number, Buffer>();
  for (const grain of grainsOf(disk)) {
    const data = deflateSync(wholeGrain(disk, grain));
    const head = Buffer.alloc(12);
    head.writeBigUInt64LE(BigInt((grain * GRAIN) / SECTOR));
    head.writeUInt32LE(data.length, 8);
    const table = tables.get(Math.floor(grain / ENTRIES)) ?? Buffer.alloc(ENTRIES * 4);
    tables.set(Math.floor(grain / ENTRIES), table);
    table.writeUInt32LE(put(padded(Buffer.concat([head, data]))), (grain % ENTRIES) * 4);
  }
  const directory = Buffer.alloc(Math.ceil(disk.length / GRAIN / ENTRIES) * 4);
  for (const [index, table] of tables) {
    put(marker((ENTRIES * 4) / SECTOR, 1));
    directory.writeUInt32LE(put(table), index * 4);
  }
  const whole = padded(directory);
  put(marker(whole.length / SECTOR, 2));
  const place = put(whole);
  put(marker(1, 3));
  put(headerOf({ ...header, directory: BigInt(place) }));
  put(marker(0, 0));
  return Buffer.concat(pieces);
}

/** A disk of whole sectors as VMware keeps it: tables, then the grains, here in the order that is given for them. */
export function sparseVmdk(disk: Buffer, order: (grains: number[]) => number[] = (grains) => grains): Buffer {
  const count = Math.ceil(disk.length / GRAIN / ENTRIES);
  const directoryAt = 2 * SECTOR;
  const tablesAt = directoryAt + padded(Buffer.alloc(count * 4)).length;
  const dataAt = tablesAt + count * ENTRIES * 4;
  const directory = Buffer.alloc(count * 4);
  for (let index = 0; index < count; index++) directory.writeUInt32LE((tablesAt + index * ENTRIES * 4) / SECTOR, index * 4);
  const tables = Buffer.alloc(count * ENTRIES * 4);
  const grains = order([...grainsOf(disk)]);
  for (const [place, grain] of grains.entries()) tables.writeUInt32LE((dataAt + place * GRAIN) / SECTOR, grain * 4);
  const header = { flags: 1, size: disk.length, directory: BigInt(directoryAt / SECTOR), dataAt, isCompressed: false };
  return Buffer.concat([
    headerOf(header),
    descriptionOf('monolithicSparse', disk.length),
    padded(directory),
    tables,
    ...grains.map((grain) => wholeGrain(disk, grain)),
  ]);
}
