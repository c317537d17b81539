import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ByteSource } from './byte-source.js';
import { Checksums } from './checksums.js';
import { byId, chunkName, chunkNumber } from './disk-chunks.js';
import { readDisk } from './disk-reader.js';
import { DiskWriter } from './disk-writer.js';
import { tarEnd } from './tar-header.js';
import { TarReader } from './tar-reader.js';
import { inPieces, tarOf } from './test-bytes.js';

let checksums: Checksums;
beforeAll(async () => {
  checksums = await Checksums.load();
});

/** Bytes of a piece in these tests: readers take the size from the first one. */
const PIECE = 600;

/** What a file is made of: data, zeros that are left out, a sign of life. */
type Step = Buffer | 'zeros' | 'alive';

function fileOf(steps: readonly Step[]): Buffer {
  const writer = new DiskWriter('Ref:3', checksums, 0);
  const entries: Buffer[] = [];
  for (const step of steps) {
    if (step === 'zeros') writer.zeros(1);
    else entries.push(...(step === 'alive' ? writer.keepAlive() : writer.chunk(step)));
  }
  return Buffer.concat([...entries, tarEnd()]);
}

async function diskIn(file: Buffer, size: number, given: { required?: boolean; force?: boolean } = {}): Promise<Buffer> {
  const tar = new TarReader(new ByteSource(inPieces(file, 777)));
  const disk = Buffer.alloc(size);
  const checks = { checksums, required: given.required ?? true, force: given.force ?? false };
  for await (const { offset, data } of readDisk(tar, 'Ref:3', size, checks)) data.copy(disk, offset);
  return disk;
}

it('knows the two checksums', () => {
  expect(checksums.of('xxhash', Buffer.alloc(0))).toBe('EF46DB3751D8E999');
  expect(checksums.of('xxhash', Buffer.from('abc'))).toBe('44BC2CF5AD770999');
  expect(checksums.of('checksum', Buffer.from('abc'))).toBe(createHash('sha1').update('abc').digest('hex'));
});

it('reads the disk that was written, whatever was left out and however often life was shown', async () => {
  const data = fc.uint8Array({ minLength: PIECE, maxLength: PIECE }).map((bytes): Step => Buffer.from(bytes));
  const step = fc.oneof(data, fc.constant<Step>('zeros'), fc.constant<Step>('alive'));
  const last = fc.uint8Array({ minLength: 1, maxLength: PIECE }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(data, fc.array(step, { maxLength: 8 }), last, async (first, middle, end) => {
      const steps = [first, ...middle, end];
      const disk = Buffer.concat(
        steps.map((one) => (one === 'alive' ? Buffer.alloc(0) : one === 'zeros' ? Buffer.alloc(PIECE) : one)),
      );
      expect((await diskIn(fileOf(steps), disk.length)).equals(disk)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it('reads files with SHA-1, and old ones without checksums', async () => {
  const piece = Buffer.from('abc');
  const sum = createHash('sha1').update(piece).digest('hex');
  const withSum = tarOf([
    ['Ref:3/00000000', piece],
    ['Ref:3/00000000.checksum', sum],
  ]);
  expect((await diskIn(withSum, 3)).toString()).toBe('abc');
  expect((await diskIn(tarOf([['Ref:3/00000000', piece]]), 3, { required: false })).toString()).toBe('abc');
});

describe('refuses', () => {
  const piece = Buffer.alloc(4, 1);
  const good = (number: number, data = piece): [string, Buffer | string][] => [
    [chunkName('Ref:3', number), data],
    [`${chunkName('Ref:3', number)}.xxhash`, checksums.of('xxhash', data)],
  ];

  it.each([
    ['a piece of another disk', () => tarOf([['Ref:4/00000000', piece]]), 'IMPORT_ERROR_UNEXPECTED_FILE'],
    ['another file', () => tarOf([['ova.xml', piece]]), 'IMPORT_ERROR_UNEXPECTED_FILE'],
    ['a number of another form', () => tarOf([['Ref:3/0x1', piece]]), 'IMPORT_ERROR_UNEXPECTED_FILE'],
    ['a missing checksum', () => tarOf([[chunkName('Ref:3', 0), piece], ...good(1)]), 'IMPORT_ERROR_UNEXPECTED_FILE'],
    ['numbers that go back', () => tarOf([...good(1), ...good(0)]), 'IMPORT_ERROR'],
    ['the same number twice', () => tarOf([...good(0), ...good(0)]), 'IMPORT_ERROR'],
    ['a piece behind the end of the disk', () => tarOf([...good(0), ...good(99_999_999)]), 'IMPORT_ERROR'],
    ['a piece that is too long for the disk', () => tarOf([...good(0), ...good(1, Buffer.alloc(100))]), 'IMPORT_ERROR'],
    ['no more pieces', () => tarOf(good(0)), 'IMPORT_ERROR_PREMATURE_EOF'],
    [
      'a checksum that does not fit',
      () =>
        tarOf([
          [chunkName('Ref:3', 0), piece],
          [`${chunkName('Ref:3', 0)}.xxhash`, '0000000000000000'],
        ]),
      'IMPORT_ERROR_SOME_CHECKSUMS_FAILED',
    ],
    [
      'a checksum as long as a disk',
      () =>
        tarOf([
          [chunkName('Ref:3', 0), piece],
          [`${chunkName('Ref:3', 0)}.xxhash`, 'x'.repeat(1000)],
        ]),
      'IMPORT_ERROR',
    ],
  ])('%s', async (_, file, code) => {
    await expect(diskIn(file(), 12)).rejects.toMatchObject({ code });
  });

  it('nothing of a wrong checksum when it is forced', async () => {
    const file = tarOf([
      [chunkName('Ref:3', 0), piece],
      [`${chunkName('Ref:3', 0)}.xxhash`, 'wrong'],
    ]);
    expect(await diskIn(file, 4, { force: true })).toEqual(piece);
  });
});

it('orders disks by the text of their ids, and knows the names of pieces', () => {
  expect([{ id: 'Ref:9' }, { id: 'Ref:10' }, { id: 'Ref:2' }].sort(byId).map(({ id }) => id)).toEqual([
    'Ref:10',
    'Ref:2',
    'Ref:9',
  ]);
  expect(chunkNumber('Ref:1', 'Ref:1/00000012')).toBe(12);
  expect(chunkNumber('Ref:1', 'Ref:11/00000012')).toBeUndefined();
  expect(chunkNumber('Ref:1', 'Ref:1/00000012.xxhash')).toBeUndefined();
});
