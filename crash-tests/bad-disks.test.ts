import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeHeader as qcow2Header } from '../src/wire/disk/qcow2/header.js';
import { encodeHeader as vhdHeader } from '../src/wire/disk/vhd/dynamic-header.js';
import { encodeFooter, VHD_TYPES } from '../src/wire/disk/vhd/footer.js';
import { encodeTarHeader } from '../src/wire/xva/tar-header.js';
import { sturdyDaemon } from './support/sturdy-daemon.js';
import { defaultSr, everything, LARGE, upload } from './support/uploads.js';

// Images of disks that nobody should send. Each is refused, a new disk for it is not there afterwards, and a disk that was
// there has what it had; the daemon lives on and keeps nothing in memory.
const sturdy = sturdyDaemon('hosts=1,vms=3');

const MIB = 2 ** 20;
const SIZE = 8 * MIB;
const CLUSTER = 65_536;

/** A qcow2 image of one cluster of data, whose bytes a test changes. */
function qcow2(change: (image: Buffer) => void, length = 6 * CLUSTER): Buffer {
  const image = Buffer.alloc(length);
  const header = {
    size: SIZE,
    clusterSize: CLUSTER,
    l1: { at: CLUSTER, entries: 1 },
    refcounts: { at: 2 * CLUSTER, clusters: 1 },
  };
  qcow2Header(header).copy(image);
  image.writeBigUInt64BE(BigInt(4 * CLUSTER), CLUSTER);
  image.writeBigUInt64BE(BigInt(5 * CLUSTER), 4 * CLUSTER);
  change(image);
  return image;
}

interface Vhd {
  readonly type?: number;
  readonly size?: number;
  readonly headerAt?: number;
  readonly tableAt?: number;
  readonly entries?: number;
  readonly blockSize?: number;
  readonly table?: readonly number[];
  readonly blocks?: number;
}

/** A VHD with as many blocks of random bytes behind its table. */
function vhd({
  type = VHD_TYPES.dynamic,
  size = SIZE,
  headerAt = 512,
  tableAt = 1536,
  entries = 4,
  blockSize = 2 * MIB,
  table = [4],
  blocks = 1,
}: Vhd): Buffer {
  const footer = encodeFooter({ type, size, headerAt, id: randomBytes(16) }, new Date());
  const sectors = Buffer.alloc(512, 0xff);
  for (const [index, sector] of table.entries()) sectors.writeUInt32BE(sector, index * 4);
  const block = Buffer.concat([Buffer.alloc(512, 0xff), randomBytes(2 * MIB)]);
  const parts = [footer, vhdHeader({ tableAt, entries, blockSize }), sectors, ...Array.from({ length: blocks }, () => block)];
  return Buffer.concat([...parts, footer]);
}

function record(offset: bigint, length: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(offset);
  head.writeUInt32LE(length, 8);
  return Buffer.concat([head, data]);
}

const damaged = (image: Buffer, at: number): Buffer => {
  image[at] = (image[at] ?? 0) ^ 1;
  return image;
};

type Case = readonly [what: string, format: string, body: Buffer, error: RegExp, query?: Readonly<Record<string, string>>];

const CASES: readonly Case[] = [
  ['that is nothing of the kind', 'qcow2', randomBytes(CLUSTER), /^IMPORT_ERROR/],
  ['of a size that no disk has', 'qcow2', qcow2((image) => image.writeBigUInt64BE(2n ** 62n, 24)), /^IMPORT_ERROR/],
  ['with a backing file', 'qcow2', qcow2((image) => image.writeBigUInt64BE(1024n, 8)), /^IMPORT_ERROR/],
  ['with its data in another file', 'qcow2', qcow2((image) => image.writeBigUInt64BE(4n, 72)), /^IMPORT_ERROR/],
  ['that says it is damaged', 'qcow2', qcow2((image) => image.writeBigUInt64BE(2n, 72)), /^IMPORT_ERROR/],
  ['with features of the future', 'qcow2', qcow2((image) => image.writeBigUInt64BE(1n << 40n, 72)), /^IMPORT_ERROR/],
  ['that is encrypted', 'qcow2', qcow2((image) => image.writeUInt32BE(2, 32)), /^IMPORT_ERROR/],
  ['with clusters of 2 GiB', 'qcow2', qcow2((image) => image.writeUInt32BE(31, 20)), /^IMPORT_ERROR/],
  ['with clusters of a byte', 'qcow2', qcow2((image) => image.writeUInt32BE(0, 20)), /^IMPORT_ERROR/],
  ['with a first table of 32 GiB', 'qcow2', qcow2((image) => image.writeUInt32BE(2 ** 32 - 1, 36)), /^IMPORT_ERROR/],
  ['without a first table', 'qcow2', qcow2((image) => image.writeUInt32BE(0, 36)), /^IMPORT_ERROR/],
  ['with its first table in its header', 'qcow2', qcow2((image) => image.writeBigUInt64BE(0n, 40)), /^IMPORT_ERROR/],
  ['with its first table behind its end', 'qcow2', qcow2((image) => image.writeBigUInt64BE(2n ** 50n, 40)), /^IMPORT_ERROR/],
  ['with its table in itself', 'qcow2', qcow2((image) => image.writeBigUInt64BE(BigInt(CLUSTER), CLUSTER)), /^IMPORT_ERROR/],
  ['with data in its header', 'qcow2', qcow2((image) => image.writeBigUInt64BE(512n, 4 * CLUSTER)), /^IMPORT_ERROR/],
  [
    'with data in its tables',
    'qcow2',
    qcow2((image) => image.writeBigUInt64BE(BigInt(4 * CLUSTER), 4 * CLUSTER)),
    /^IMPORT_ERROR/,
  ],
  ['with data behind its end', 'qcow2', qcow2((image) => image.writeBigUInt64BE(2n ** 40n, 4 * CLUSTER)), /^IMPORT_ERROR/],
  [
    'with the same data at two places',
    'qcow2',
    qcow2((image) => image.writeBigUInt64BE(BigInt(5 * CLUSTER), 4 * CLUSTER + 8)),
    /^IMPORT_ERROR/,
  ],
  [
    'with compressed data that is none',
    'qcow2',
    qcow2((image) => {
      image.writeBigUInt64BE((1n << 62n) | BigInt(5 * CLUSTER), 4 * CLUSTER);
      randomBytes(CLUSTER).copy(image, 5 * CLUSTER);
    }),
    /^IMPORT_ERROR/,
  ],
  ['that is nothing of the kind', 'vhd', randomBytes(CLUSTER), /^IMPORT_ERROR/],
  ['with a damaged footer', 'vhd', damaged(vhd({}), 50), /^IMPORT_ERROR/],
  ['with a damaged header', 'vhd', damaged(vhd({}), 600), /^IMPORT_ERROR/],
  ['with another footer at its end', 'vhd', Buffer.concat([vhd({}).subarray(0, -512), vhd({}).subarray(-512)]), /^IMPORT_ERROR/],
  ['of an unknown type', 'vhd', vhd({ type: 7 }), /^IMPORT_ERROR/],
  ['of 8 EiB', 'vhd', vhd({ size: 2 ** 53 - 512 }), /^IMPORT_ERROR/],
  ['of half a sector', 'vhd', vhd({ size: SIZE + 256 }), /^IMPORT_ERROR/],
  ['with blocks of a byte', 'vhd', vhd({ blockSize: 1 }), /^IMPORT_ERROR/],
  ['with blocks of 2 GiB', 'vhd', vhd({ blockSize: 2 ** 31 }), /^IMPORT_ERROR/],
  ['with blocks of an odd size', 'vhd', vhd({ blockSize: 3 * MIB }), /^IMPORT_ERROR/],
  ['with a table that is too short', 'vhd', vhd({ entries: 1 }), /^IMPORT_ERROR/],
  ['with a table as long as numbers go', 'vhd', vhd({ entries: 2 ** 32 - 1 }), /^IMPORT_ERROR/],
  ['with its header behind its end', 'vhd', vhd({ headerAt: 2 ** 40 }), /^IMPORT_ERROR/],
  ['with its table in its footer', 'vhd', vhd({ tableAt: 0 }), /^IMPORT_ERROR/],
  ['with its table behind its end', 'vhd', vhd({ tableAt: 2 ** 50 }), /^IMPORT_ERROR/],
  ['with blocks over one another', 'vhd', vhd({ table: [4, 5], blocks: 2 }), /^IMPORT_ERROR/],
  ['with the same block at two places', 'vhd', vhd({ table: [4, 4], blocks: 2 }), /^IMPORT_ERROR/],
  ['with a block in its table', 'vhd', vhd({ table: [1] }), /^IMPORT_ERROR/],
  ['with a block behind its end', 'vhd', vhd({ table: [2 ** 31] }), /^IMPORT_ERROR/],
  [
    'with a record behind the end of any disk',
    'raw',
    record(2n ** 63n, 512, Buffer.alloc(512)),
    /^IMPORT_ERROR/,
    { chunked: 'true' },
  ],
  [
    'with a record behind its end',
    'raw',
    record(BigInt(SIZE), 512, Buffer.alloc(512, 1)),
    /^VDI_TOO_SMALL$/,
    { chunked: 'true' },
  ],
  ['with a record of 4 GiB', 'raw', record(0n, 2 ** 32 - 1, Buffer.alloc(512)), /^IMPORT_ERROR/, { chunked: 'true' }],
  ['that is nothing of the kind', 'tar', randomBytes(CLUSTER), /^IMPORT_ERROR/],
  ['with a name that leads out', 'tar', encodeTarHeader('../vdi/00000000', 0, 0), /^IMPORT_ERROR/],
  ['with a piece of 8 GiB', 'tar', encodeTarHeader('vdi/00000000', 2 ** 33 - 1, 0), /^IMPORT_ERROR/],
  ['with a piece far behind its end', 'tar', encodeTarHeader('vdi/99999999', 512, 0), /^IMPORT_ERROR/],
];

describe.each([
  ['small', 0],
  ['large', LARGE],
])('an upload that is %s', (_size, least) => {
  it.each(CASES.map(([what, format, image, error, query]) => ({ what, format, image, error, query })))(
    '$format: $what',
    { timeout: 60_000 },
    async ({ format, image, error, query }) => {
      const sr = await defaultSr(sturdy);
      const body = Buffer.concat([image, Buffer.alloc(Math.max(0, least - image.length))]);
      const before = await everything(sturdy);
      const made = await upload(sturdy, '/import_raw_vdi', { sr_id: sr, virtual_size: String(SIZE), format, ...query }, body);
      expect(made.status).toBe('failure');
      expect(made.error[0]).toMatch(error);
      expect(await everything(sturdy)).toEqual(before);
    },
  );
});

it('that ends after a record, before the last', async () => {
  const before = await everything(sturdy);
  const query = { sr_id: await defaultSr(sturdy), virtual_size: String(SIZE), format: 'raw', chunked: 'true' };
  for (const least of [512, LARGE])
    expect(await upload(sturdy, '/import_raw_vdi', query, record(0n, least, Buffer.alloc(least, 1)))).toEqual({
      status: 'failure',
      error: ['IMPORT_ERROR_PREMATURE_EOF'],
    });
  expect(await everything(sturdy)).toEqual(before);
});

it.each(['raw', 'vhd', 'qcow2', 'tar'])('%s whose client goes before it has sent what it said', async (format) => {
  const before = await everything(sturdy);
  const image = { raw: randomBytes(LARGE), vhd: vhd({ blocks: 1 }), qcow2: qcow2(() => undefined), tar: Buffer.alloc(0) }[format];
  if (image === undefined) throw new Error(`no image of ${format}`);
  const query = { sr_id: await defaultSr(sturdy), virtual_size: String(SIZE), format };
  for (const length of [image.length - 1, Math.floor(image.length / 2), 0]) {
    const sent = await upload(sturdy, '/import_raw_vdi', query, image.subarray(0, Math.max(0, length)), 6 * MIB);
    expect(sent).toEqual({ status: 'failure', error: ['IMPORT_ERROR_PREMATURE_EOF'] });
  }
  expect(await everything(sturdy)).toEqual(before);
});
