import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test-support/libvirt/until.js';
import type { ByteSource } from '../xva/byte-source.js';
import { qcow2File } from './qcow2/qcow2-file.js';
import { qcow2Stream } from './qcow2/qcow2-stream.js';
import type { Spool } from './spool.js';
import { applied, bytesOf, MemorySpool, numbersOf, someDisk, sourceOf } from './testing/disks.js';
import { vhdxOf } from './testing/vhdx-writer.js';
import { sparseVmdk, streamOptimizedVmdk } from './testing/vmdk-writer.js';
import { vhdFile } from './vhd/vhd-file.js';
import { vhdStream } from './vhd/vhd-stream.js';
import { vhdxStream } from './vhdx/vhdx-stream.js';
import { vmdkStream } from './vmdk/vmdk-stream.js';

const UUID = '4a9d3f60-7c11-4f52-9c0e-6d2b8e3a5f71';

const run = promisify(execFile);
const qemuImg = (...args: readonly string[]): Promise<unknown> => run('qemu-img', args);

let directory: string;
const at = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-formats-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Of disks that consist of whole sectors: QEMU knows no others. */
const seeds = [2, 4, 5, 7, 8, 10];

describe('what is written', () => {
  it.each(seeds)('is read by QEMU as what it is (%i)', async (seed) => {
    const disk = someDisk(seed);
    const size = disk.bytes.length;
    await writeFile(at('disk.raw'), disk.bytes);
    const vhd = vhdFile({ size, extents: disk.extents, uuid: UUID, time: new Date() });
    await writeFile(at('ours.vhd'), bytesOf(vhd, disk.bytes));
    await writeFile(at('ours.qcow2'), bytesOf(qcow2File({ size, extents: disk.extents }), disk.bytes));
    await qemuImg('check', '-f', 'qcow2', at('ours.qcow2'));
    for (const [name, format] of [
      ['ours.qcow2', 'qcow2'],
      ['ours.vhd', 'vpc'],
    ] as const) {
      await qemuImg('compare', '-f', format, '-F', 'raw', at(name), at('disk.raw'));
      await qemuImg('convert', '-f', format, '-O', 'raw', at(name), at('back.raw'));
      expect((await readFile(at('back.raw'))).equals(disk.bytes)).toBe(true);
    }
  });
});

const readers = {
  vpc: (source: ByteSource, _spool: Spool, length: number) => vhdStream(source, length),
  qcow2: qcow2Stream,
  vmdk: vmdkStream,
  vhdx: vhdxStream,
} as const;

describe('what QEMU writes', () => {
  const formats: readonly [keyof typeof readers, readonly string[]][] = [
    ['vpc', ['-O', 'vpc', '-o', 'force_size=on']],
    ['vpc', ['-O', 'vpc', '-o', 'force_size=on,subformat=fixed']],
    ['qcow2', ['-O', 'qcow2']],
    ['qcow2', ['-O', 'qcow2', '-W', '-m', '8']],
    ['qcow2', ['-O', 'qcow2', '-c']],
    ['qcow2', ['-O', 'qcow2', '-c', '-o', 'cluster_size=4k']],
    ['qcow2', ['-O', 'qcow2', '-o', 'compat=0.10']],
    ['qcow2', ['-O', 'qcow2', '-o', 'cluster_size=512']],
    ['qcow2', ['-O', 'qcow2', '-o', 'cluster_size=2M']],
    ['qcow2', ['-O', 'qcow2', '-o', 'preallocation=falloc']],
    ['qcow2', ['-O', 'qcow2', '-o', 'lazy_refcounts=on']],
    ['vmdk', ['-O', 'vmdk', '-o', 'subformat=streamOptimized']],
    ['vmdk', ['-O', 'vmdk', '-o', 'subformat=monolithicSparse']],
    ['vmdk', ['-O', 'vmdk', '-W', '-m', '8']],
    ['vmdk', ['-O', 'vmdk', '-o', 'zeroed_grain=on']],
    ['vhdx', ['-O', 'vhdx']],
    ['vhdx', ['-O', 'vhdx', '-o', 'subformat=fixed']],
    ['vhdx', ['-O', 'vhdx', '-o', 'block_size=1M']],
  ];

  it.each(formats)('as %s with %j is read as what it is', async (format, options) => {
    for (const seed of seeds) {
      const disk = someDisk(seed);
      await writeFile(at('disk.raw'), disk.bytes);
      await qemuImg('convert', '-f', 'raw', ...options, at('disk.raw'), at('theirs'));
      const file = await readFile(at('theirs'));
      const stream = await readers[format](sourceOf(file, seed), new MemorySpool(), file.length);
      expect(stream.size).toBe(disk.bytes.length);
      expect((await applied(stream, disk.bytes.length)).equals(disk.bytes)).toBe(true);
    }
  });

  it('in any order, after snapshots and over what was there, is read as what it is', async () => {
    const next = numbersOf(5);
    for (let attempt = 0; attempt < 2; attempt++) {
      const size = 64 * 2 ** 20;
      await qemuImg('create', '-q', '-f', 'qcow2', at('worn'), String(size));
      for (let round = 0; round < 3; round++) {
        const writes = Array.from({ length: 20 }, () => {
          const length = 512 * (1 + next(400));
          return ['-c', `write -P ${1 + next(255)} ${512 * next((size - length) / 512)} ${length}`];
        });
        await run('qemu-io', ['-f', 'qcow2', ...writes.flat(), '-c', `write -z ${2 ** 20 * next(59)} 5M`, at('worn')]);
        if (round < 2) await qemuImg('snapshot', '-c', `state${round}`, at('worn'));
      }
      await qemuImg('snapshot', '-d', 'state0', at('worn'));
      await qemuImg('convert', '-f', 'qcow2', '-O', 'raw', at('worn'), at('worn.raw'));
      const file = await readFile(at('worn'));
      const stream = await qcow2Stream(sourceOf(file, attempt), new MemorySpool());
      expect((await applied(stream, size)).equals(await readFile(at('worn.raw')))).toBe(true);
    }
  });

  it.each([
    ['a backing file', ['-b', 'base.qcow2', '-F', 'qcow2']],
    ['a file for its data', ['-o', 'data_file=data.raw']],
    [
      'encryption',
      ['--object', 'secret,id=key,data=secret', '-o', 'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10'],
    ],
    ['compression that is not known here', ['-o', 'compression_type=zstd']],
    ['tables of a newer kind', ['-o', 'extended_l2=on,cluster_size=128k']],
  ])('with %s is refused', async (_what, options) => {
    await qemuImg('create', '-q', '-f', 'qcow2', at('base.qcow2'), '10M');
    const size = options[0] === '-b' ? [] : ['10M'];
    await until('an image', async () => {
      const made = run('qemu-img', ['create', '-q', '-f', 'qcow2', ...options, at('other.qcow2'), ...size], { cwd: directory });
      // To make keys, QEMU measures its processor, which comes out as nothing now and then.
      return made.catch((thrown: unknown) => {
        if (!String(thrown).includes('Unable to get accurate CPU usage')) throw thrown;
        return undefined;
      });
    });
    const file = await readFile(at('other.qcow2'));
    await expect(qcow2Stream(sourceOf(file), new MemorySpool())).rejects.toMatchObject({ code: 'IMPORT_ERROR' });
  });
});

describe('forms of VMware that are not whole', () => {
  it.each(['monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'])('%s is refused', async (subformat) => {
    await qemuImg('create', '-q', '-f', 'vmdk', '-o', `subformat=${subformat}`, at('parts.vmdk'), '10M');
    const names = (await readdir(directory)).filter((name) => name.startsWith('parts'));
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      const file = await readFile(at(name));
      await expect(vmdkStream(sourceOf(file), new MemorySpool())).rejects.toMatchObject({ code: 'IMPORT_ERROR' });
      await rm(at(name));
    }
  });
});

// Without this nobody would know whether the files of other tests are what they are taken for.
describe('what tests write in the forms of VMware and Microsoft', () => {
  it.each([
    ['vmdk', streamOptimizedVmdk],
    ['vmdk', sparseVmdk],
    ['vhdx', vhdxOf],
  ])('is read by QEMU as what it is: %s', async (format, write) => {
    for (const seed of [2, 7]) {
      const { bytes } = someDisk(seed);
      await writeFile(at('written'), write(bytes));
      await qemuImg('convert', '-f', format, '-O', 'raw', at('written'), at('back.raw'));
      expect((await readFile(at('back.raw'))).equals(bytes)).toBe(true);
    }
  });
});
