import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteSource } from './byte-source.js';
import { encodeTarHeader, TAR_BLOCK, tarEnd, tarPadding } from './tar-header.js';
import { TarReader } from './tar-reader.js';
import { inPieces, tarOf } from './test-bytes.js';

async function filesIn(tar: Buffer, pieces = 1000): Promise<[string, string][]> {
  const reader = new TarReader(new ByteSource(inPieces(tar, pieces)));
  const files: [string, string][] = [];
  for (let entry = await reader.next(); entry; entry = await reader.next())
    files.push([entry.name, (await reader.content(entry, 1_000_000)).toString('latin1')]);
  return files;
}

/** A header whose fields were changed, its sum made right again. */
function changedHeader(change: (block: Buffer) => unknown, size = 0): Buffer {
  const block = encodeTarHeader('name', size, 0);
  change(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const kind = (letter: string) => (block: Buffer) => void block.write(letter, 156, 'latin1');

it('reads what it writes, in whatever pieces it comes', async () => {
  const name = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019:.-_') });
  const content = fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, content), { maxLength: 5 }),
      fc.integer({ min: 1, max: 700 }),
      async (files, size) => {
        const plain = files.filter(([given]) => !given.includes('..'));
        expect(await filesIn(tarOf(plain), size)).toEqual(plain.map(([given, bytes]) => [given, bytes.toString('latin1')]));
      },
    ),
    { numRuns: 50 },
  );
});

it('writes what GNU tar lists', () => {
  const tar = tarOf([
    ['ova.xml', 'x'.repeat(700)],
    ['Ref:4/00000000', Buffer.alloc(2000)],
    ['empty', ''],
  ]);
  const lines = execFileSync('tar', ['-tvf', '-'], { input: tar, encoding: 'utf8' }).trim().split('\n');
  expect(lines.map((line) => line.split(/\s+/).filter((_, i) => i === 2 || i === 5))).toEqual([
    ['700', 'ova.xml'],
    ['2000', 'Ref:4/00000000'],
    ['0', 'empty'],
  ]);
});

it('reads what GNU tar and others write: long names, attributes, directories, large sizes', async () => {
  const long = `${'d'.repeat(60)}/${'n'.repeat(120)}`;
  const longName = Buffer.from(`${long}\0`);
  const attributes = Buffer.from('22 path=Ref:3/00000007\n9 size=5\n20 mtime=1.25\n');
  const tar = Buffer.concat([
    changedHeader(kind('g'), 10),
    Buffer.alloc(TAR_BLOCK),
    changedHeader(kind('5')),
    changedHeader(kind('L'), longName.length),
    Buffer.concat([longName], TAR_BLOCK),
    changedHeader(() => undefined, 3),
    Buffer.concat([Buffer.from('one')], TAR_BLOCK),
    changedHeader(kind('x'), attributes.length),
    Buffer.concat([attributes], TAR_BLOCK),
    changedHeader(() => undefined, 0),
    Buffer.concat([Buffer.from('12345')], TAR_BLOCK),
    changedHeader((block) => {
      block.fill(0, 124, 136);
      block[124] = 0x80;
      block.writeUInt32BE(4, 132);
    }),
    Buffer.concat([Buffer.from('four')], TAR_BLOCK),
    tarEnd(),
  ]);
  expect(await filesIn(tar)).toEqual([
    [long, 'one'],
    ['Ref:3/00000007', '12345'],
    ['name', 'four'],
  ]);
});

describe('refuses', () => {
  it.each([
    ['a symbolic link', changedHeader(kind('2')), /link or a device/],
    ['a hard link', changedHeader(kind('1')), /link or a device/],
    ['a device', changedHeader(kind('3')), /link or a device/],
    ['a pipe', changedHeader(kind('6')), /link or a device/],
    ['an absolute name', encodeTarHeader('/etc/passwd', 0, 0), /leads out/],
    ['a name with ..', encodeTarHeader('Ref:1/../../x', 0, 0), /leads out/],
    ['a name of a directory with ..', changedHeader((block) => [block.write('../x\0'), kind('5')(block)]), /leads out/],
    ['a control character', encodeTarHeader('a\nb', 0, 0), /leads out/],
    ['a damaged header', Buffer.concat([Buffer.from('x'), encodeTarHeader('name', 0, 0).subarray(1)]), /damaged/],
    ['what is no tar file', Buffer.alloc(1024, 'x'), /damaged/],
    ['a size beyond all files', changedHeader((block) => block.fill(0xff, 124, 136)), /makes no sense/],
    ['a long name without end', changedHeader(kind('L'), 100_000), /too long/],
  ])('%s', async (_, header, message) => {
    await expect(filesIn(Buffer.concat([header, Buffer.alloc(2048)]))).rejects.toMatchObject({
      code: 'IMPORT_ERROR',
      params: [expect.stringMatching(message)],
    });
  });

  it('endless headers about one entry', async () => {
    const again = Buffer.concat(Array.from({ length: 20 }, () => changedHeader(kind('L'), 0)));
    await expect(filesIn(again)).rejects.toMatchObject({ code: 'IMPORT_ERROR' });
  });

  it('a file that is larger than what there is room for', async () => {
    await expect(filesIn(encodeTarHeader('name', 2_000_000, 0))).rejects.toMatchObject({ code: 'IMPORT_ERROR' });
  });

  it('a file that ends anywhere before its end', async () => {
    const tar = tarOf([
      ['one', 'x'.repeat(600)],
      ['two', 'y'],
    ]);
    for (const length of [0, 1, 511, 512, 700, 1111, 1112, 1300, 1536, 2047, 2048, 2049, 2560])
      await expect(filesIn(tar.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'IMPORT_ERROR_PREMATURE_EOF',
      });
  });
});

it('needs one block of zeros at the end only, and leaves what comes behind', async () => {
  const tar = tarOf([['one', '1']]);
  expect(await filesIn(tar.subarray(0, tar.length - TAR_BLOCK))).toEqual([['one', '1']]);
  expect(await filesIn(Buffer.concat([tar, tarOf([['two', '2']])]))).toEqual([['one', '1']]);
});

it('fills up to whole blocks', () => {
  expect([0, 1, 511, 512, 513].map(tarPadding)).toEqual([0, 511, 1, 0, 511]);
});
