import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../model/error.js';
import type { DiskStream } from './disk-stream.js';
import { applied, MemorySpool, numbersOf, someDisk, sourceOf } from './testing/disks.js';
import { vhdxOf } from './testing/vhdx-writer.js';
import { sparseVmdk, streamOptimizedVmdk } from './testing/vmdk-writer.js';
import { vhdxStream } from './vhdx/vhdx-stream.js';
import { vmdkStream } from './vmdk/vmdk-stream.js';

/** Formats that are taken and never sent, in all forms that tests write. */
const formats: Readonly<Record<string, { write: (disk: Buffer) => Buffer; read: typeof vmdkStream }>> = {
  'streamOptimized VMDK': { write: streamOptimizedVmdk, read: vmdkStream },
  'sparse VMDK': { write: (disk) => sparseVmdk(disk), read: vmdkStream },
  'sparse VMDK in disorder': { write: (disk) => sparseVmdk(disk, (grains) => grains.reverse()), read: vmdkStream },
  VHDX: { write: (disk) => vhdxOf(disk), read: vhdxStream },
};

/** A disk of whole sectors. */
function wholeDisk(seed: number): Buffer {
  const { bytes } = someDisk(seed);
  return bytes.subarray(0, bytes.length - (bytes.length % 512));
}

const DISK = wholeDisk(7);
const FULL = Buffer.alloc(4 * 2 ** 20, 3);

async function outcome(read: () => Promise<DiskStream>, size: number): Promise<Buffer | string> {
  try {
    const stream = await read();
    let taken = 0;
    const bytes = Buffer.alloc(size);
    for await (const { offset, data } of stream.pieces()) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset + data.length).toBeLessThanOrEqual(stream.size ?? Infinity);
      taken += data.length;
      expect(taken).toBeLessThanOrEqual(stream.size ?? Infinity);
      if (offset + data.length <= size) data.copy(bytes, offset);
    }
    return bytes;
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return thrown.code;
  }
}

describe.each(Object.entries(formats))('a disk as %s', (_name, { write, read }) => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))('comes back as it was (%i)', async (seed) => {
    const disk = wholeDisk(seed);
    const stream = await read(sourceOf(write(disk), seed), new MemorySpool());
    expect(stream).toMatchObject({ size: disk.length, wholeUpTo: Infinity });
    expect((await applied(stream, disk.length)).equals(disk)).toBe(true);
  });

  it('is refused where it ends in the middle, wherever that is', async () => {
    const whole = write(DISK);
    const next = numbersOf(3);
    const lengths = [0, 1, 511, 512, 65_536, whole.length - 1, whole.length - 513];
    for (const length of [...lengths, ...Array.from({ length: 15 }, () => next(whole.length))]) {
      const cut = whole.subarray(0, length);
      const found = await outcome(() => read(sourceOf(cut, length), new MemorySpool()), DISK.length);
      // Behind the last part that holds anything, nothing that counts is missing.
      if (typeof found === 'string') expect(found, `${length} bytes`).toMatch(/^IMPORT_ERROR/);
      else expect(found.equals(DISK), `${length} bytes`).toBe(true);
    }
  });

  it('breaks nothing but itself, whatever of it is changed', async () => {
    const disk = DISK.subarray(0, 2 ** 20);
    const whole = write(disk);
    // Headers and tables are where changes hurt.
    const place = fc.oneof(
      fc.nat(4096),
      fc.nat(whole.length - 1),
      fc.integer({ min: whole.length - 4096, max: whole.length - 1 }),
    );
    const change = fc.tuple(place, fc.oneof(fc.constantFrom(0, 1, 0x7f, 0xff), fc.nat(255)));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        const found = await outcome(() => read(sourceOf(bytes), new MemorySpool()), disk.length);
        if (typeof found === 'string') expect(found).toMatch(/^IMPORT_ERROR/);
      }),
      { numRuns: 40 },
    );
  });
});

async function refusal(read: typeof vmdkStream, bytes: Buffer): Promise<string> {
  try {
    const stream = await read(sourceOf(bytes), new MemorySpool());
    for await (const _ of stream.pieces());
    return 'taken';
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || !thrown.code.startsWith('IMPORT_ERROR')) throw thrown;
    return thrown.params.join(' ') || thrown.code;
  }
}

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

describe('a VMDK is refused', () => {
  const sparse = sparseVmdk(DISK);
  const stream = streamOptimizedVmdk(DISK);
  const described = (from: string, to: string) =>
    changed(sparse, (copy) => {
      const text = copy.toString('latin1', 512, 1024);
      copy.fill(0, 512, 1024).write(text.replace(from, to), 512, 'latin1');
    });

  it.each<[string, Buffer, RegExp]>([
    ['that only describes others', Buffer.from('# Disk DescriptorFile\nversion=1\n'.padEnd(512)), /other files/],
    ['of ESX', Buffer.from('COWD'.padEnd(512)), /only VMware ESX/],
    ['that is raw', Buffer.alloc(512, 5), /is raw/],
    ['with differences only', described('parentCID=ffffffff', 'parentCID=00000001'), /differences/],
    ['in several files', described('RW', 'RW 5 SPARSE "a.vmdk"\nRW'), /several files/],
    ['in another file', described('SPARSE "disk', 'FLAT "disk'), /another one/],
    ['that is one of several', changed(sparse, (copy) => copy.writeBigUInt64LE(0n, 36)), /one of several/],
    ['of an absurd size', changed(sparse, (copy) => copy.writeBigUInt64LE(2n ** 60n, 12)), /makes no sense/],
    ['of an absurd grain', changed(sparse, (copy) => copy.writeBigUInt64LE(2n ** 30n, 20)), /size/],
    ['with a long description', changed(sparse, (copy) => copy.writeBigUInt64LE(2n ** 20n, 36)), /too long/],
    ['with a table in its header', changed(sparse, (copy) => copy.writeBigUInt64LE(0n, 56)), /lie over/],
    ['whose grains lie over one another', changed(sparseVmdk(FULL), (copy) => copy.copy(copy, 1540, 1536, 1540)), /lie over/],
    ['without its footer', changed(stream, (copy) => copy.fill(0, copy.length - 1536)), /footer/],
    ['that ends early', stream.subarray(0, stream.length - 512), /PREMATURE/],
  ])('%s', async (_what, bytes, message) => {
    expect(await refusal(vmdkStream, bytes)).toMatch(message);
  });

  it('whose part comes twice, or is longer than a part can be', async () => {
    const one = streamOptimizedVmdk(Buffer.alloc(65_536, 7));
    const grain = one.subarray(1024, 1536);
    const twice = Buffer.concat([one.subarray(0, 1536), grain, one.subarray(1536)]);
    expect(await refusal(vmdkStream, twice)).toMatch(/another part/);
    const { deflateSync } = await import('node:zlib');
    const bomb = deflateSync(Buffer.alloc(10 * 2 ** 20));
    const head = Buffer.alloc(12);
    head.writeUInt32LE(bomb.length, 8);
    const padding = Buffer.alloc(512 - ((12 + bomb.length) % 512));
    const bytes = Buffer.concat([one.subarray(0, 1024), head, bomb, padding, one.subarray(1536)]);
    expect(await refusal(vmdkStream, bytes)).toMatch(/damaged/);
  });
});

describe('a VHDX is refused', () => {
  const whole = vhdxOf(DISK);
  it.each<[string, Buffer, RegExp]>([
    ['that is none', Buffer.alloc(2 ** 20), /no VHDX/],
    ['that was not closed', vhdxOf(DISK, { log: Buffer.alloc(16, 1) }), /not closed/],
    ['with differences only', vhdxOf(DISK, { flags: 2 }), /differences/],
    ['without a header', changed(whole, (copy) => copy.fill(0, 0x10000, 0x30000)), /headers .* damaged/],
    ['with damaged tables', changed(whole, (copy) => copy.fill(1, 0x30010, 0x50000)), /tables of regions .* damaged/],
    ['of an absurd size', changed(whole, (copy) => copy.fill(0xff, 2 * 2 ** 20 + 65_552, 2 * 2 ** 20 + 65_560)), /size/],
    [
      'whose blocks lie over one another',
      changed(vhdxOf(FULL), (copy) => copy.copy(copy, 3 * 2 ** 20 + 8, 3 * 2 ** 20, 3 * 2 ** 20 + 8)),
      /lie over/,
    ],
  ])('%s', async (_what, bytes, message) => {
    expect(await refusal(vhdxStream, bytes)).toMatch(message);
  });

  it('reads the newer one of two headers, and the one that is whole', async () => {
    const old = changed(vhdxOf(DISK, { log: Buffer.alloc(16, 1) }), (copy) => copy.fill(0, 0x10000, 0x10010));
    const stream = await vhdxStream(sourceOf(old), new MemorySpool());
    expect((await applied(stream, DISK.length)).equals(DISK)).toBe(true);
  });
});

it('what a table told of is not kept', async () => {
  const spool = new MemorySpool();
  const disk = FULL;
  for (const bytes of [sparseVmdk(disk), streamOptimizedVmdk(disk)])
    await applied(await vmdkStream(sourceOf(bytes), spool), disk.length);
  await applied(await vhdxStream(sourceOf(vhdxOf(disk)), spool), disk.length);
  expect(spool.size).toBeLessThan(1.1 * 2 ** 20);
});
