import { describe, expect, it } from 'vitest';
import { ApiError } from '../../model/error.js';
import { chunkedFile, chunkedStream } from './chunked.js';
import { blockRuns, type DiskDescription, type DiskFile } from './disk-file.js';
import type { DiskStream } from './disk-stream.js';
import { qcow2File } from './qcow2/qcow2-file.js';
import { qcow2Stream } from './qcow2/qcow2-stream.js';
import { rawFile } from './raw-file.js';
import { rawStream } from './raw-stream.js';
import { applied, bytesOf, MemorySpool, numbersOf, someDisk, sourceOf, type TestDisk } from './testing/disks.js';
import { vhdFile } from './vhd/vhd-file.js';
import { vhdStream } from './vhd/vhd-stream.js';

const UUID = '4a9d3f60-7c11-4f52-9c0e-6d2b8e3a5f71';
const BASE = '0b6a5f8e-2f7d-4d0a-8a3c-91e2c5d47b60';
const TIME = new Date('2024-05-06T07:08:09Z');

const makers: Readonly<Record<string, (disk: DiskDescription) => DiskFile>> = {
  raw: rawFile,
  chunked: chunkedFile,
  vhd: (disk) => vhdFile({ ...disk, uuid: UUID, time: TIME }),
  qcow2: qcow2File,
};
const readers: Readonly<Record<string, (bytes: Buffer, seed?: number) => Promise<DiskStream>>> = {
  raw: async (bytes, seed) => rawStream(sourceOf(bytes, seed), bytes.length),
  chunked: async (bytes, seed) => chunkedStream(sourceOf(bytes, seed)),
  vhd: (bytes, seed) => vhdStream(sourceOf(bytes, seed), bytes.length),
  qcow2: (bytes, seed) => qcow2Stream(sourceOf(bytes, seed), new MemorySpool()),
};

function written(format: string, { bytes, extents }: TestDisk): Buffer {
  const file = makers[format]?.({ size: bytes.length, extents });
  if (file === undefined) throw new Error(`no format ${format}`);
  const whole = bytesOf(file, bytes);
  expect(whole.length).toBe(file.length);
  return whole;
}

async function read(format: string, bytes: Buffer, seed?: number): Promise<DiskStream> {
  const stream = await readers[format]?.(bytes, seed);
  if (stream === undefined) throw new Error(`no format ${format}`);
  return stream;
}

const seeds = Array.from({ length: 25 }, (_, seed) => seed);

describe.each(Object.keys(makers))('disks as %s', (format) => {
  it.each(seeds)('come back as they were (%i)', async (seed) => {
    const disk = someDisk(seed);
    const size = Math.ceil(disk.bytes.length / 512) * 512;
    const stream = await read(format, written(format, disk), seed);
    if (stream.size !== undefined) expect([disk.bytes.length, size]).toContain(stream.size);
    const back = await applied(stream, size);
    expect(back.subarray(0, disk.bytes.length).equals(disk.bytes)).toBe(true);
    expect(back.subarray(disk.bytes.length).every((byte) => byte === 0)).toBe(true);
  });

  it('are refused where they end in the middle, wherever that is', async () => {
    if (format === 'raw') return expect(read(format, Buffer.alloc(5))).resolves.toMatchObject({ size: 5 });
    const disk = someDisk(7);
    const whole = written(format, disk);
    const next = numbersOf(3);
    for (const length of [
      0,
      1,
      511,
      512,
      whole.length - 1,
      whole.length - 512,
      ...Array.from({ length: 20 }, () => next(whole.length)),
    ]) {
      const cut = whole.subarray(0, length);
      const attempt = async (): Promise<Buffer> => applied(await read(format, cut), disk.bytes.length + 511);
      await expect(attempt(), `${length} of ${whole.length} bytes`).rejects.toMatchObject({
        code: expect.stringMatching(/^IMPORT_ERROR/),
      });
    }
  });

  it('break nothing but themselves when any byte of their headers is another', async () => {
    const disk = { bytes: Buffer.alloc(300_000, 5), extents: [{ offset: 0, length: 300_000 }] };
    const whole = written(format, disk);
    const next = numbersOf(11);
    for (let attempt = 0; attempt < 120; attempt++) {
      const bytes = Buffer.from(whole);
      for (let change = 0; change <= next(3); change++) bytes[next(Math.min(bytes.length, 4096))] = next(256);
      try {
        let taken = 0;
        const stream = await read(format, bytes);
        for await (const { offset, data } of stream.pieces()) {
          taken += data.length;
          expect(offset).toBeGreaterThanOrEqual(0);
          if (stream.size !== undefined) expect(offset + data.length).toBeLessThanOrEqual(stream.size);
          expect(taken).toBeLessThanOrEqual(bytes.length * 2);
        }
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ApiError);
        expect(thrown).toMatchObject({ code: expect.stringMatching(/^IMPORT_ERROR/) });
      }
    }
  });
});

it('differences leave alone what they do not cover', async () => {
  const base = Buffer.alloc(5 * 2 ** 20, 7);
  const bytes = Buffer.from(base).fill(9, 1000, 3000).fill(0, 4_200_000, 4_300_000);
  const extents = [
    { offset: 1000, length: 2000 },
    { offset: 4_200_000, length: 100_000 },
  ];
  const file = bytesOf(vhdFile({ size: bytes.length, extents, uuid: UUID, base: BASE, time: TIME }), bytes);
  const stream = await vhdStream(sourceOf(file), undefined);
  expect(stream).toMatchObject({ size: bytes.length, wholeUpTo: 0 });
  expect((await applied(stream, bytes.length, base)).equals(bytes)).toBe(true);
  // The name of the other one stands in the file in three ways.
  for (const name of [
    Buffer.from(`${BASE}.vhd`, 'utf16le').swap16(),
    Buffer.from(`.\\${BASE}.vhd`, 'utf16le'),
    Buffer.from(`file://./${BASE}.vhd`),
  ])
    expect(file.includes(name)).toBe(true);
  expect(file.includes(Buffer.from(BASE.replaceAll('-', ''), 'hex'))).toBe(true);
});

it('large sparse disks become small files', () => {
  const size = 2040 * 2 ** 30;
  const extents = [{ offset: size - 512, length: 512 }];
  expect(vhdFile({ size, extents, uuid: UUID, time: TIME }).length).toBeLessThan(7 * 2 ** 20);
  expect(qcow2File({ size, extents }).length).toBeLessThan(2 ** 20);
  expect(chunkedFile({ size, extents }).length).toBe(12 + 512 + 12);
  expect(() => vhdFile({ size: size + 512, extents: [], uuid: UUID, time: TIME })).toThrow(RangeError);
});

it('blocks that hold something are found once each', () => {
  const extents = [
    { offset: 5, length: 1 },
    { offset: 8, length: 3 },
    { offset: 19, length: 2 },
    { offset: 41, length: 9 },
  ];
  expect([...blockRuns(extents, 10)]).toEqual([
    { first: 0, count: 3 },
    { first: 4, count: 1 },
  ]);
  expect([...blockRuns([], 10)]).toEqual([]);
});
