import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DirectReads } from '../stream/direct-reads.js';
import { mapImage } from './image-map.js';

const run = promisify(execFile);
const MIB = 2 ** 20;

let directory: string;
const at = (name: string): string => join(directory, name);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'a map of (images) '));
});
afterEach(() => rm(directory, { recursive: true }));

const source = (name: string, format: 'raw' | 'qcow2' = 'qcow2') => ({
  path: at(name),
  kind: 'file' as const,
  format,
  readOnly: true,
});

it('tells of data in the image and those below, which is read from there', async () => {
  const [base, top] = [randomBytes(MIB), randomBytes(65_536)];
  await writeFile(at('data'), base);
  await writeFile(at('more'), top);
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', at('base.qcow2'), '8M']);
  await run('qemu-io', ['-f', 'qcow2', '-c', 'write -s data 2M 1M', at('base.qcow2')], { cwd: directory });
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', at('base.qcow2'), '-F', 'qcow2', at('top.qcow2'), '10M']);
  const writes = ['-c', 'write -s more 2560k 64k', '-c', 'write -z 2M 64k', '-c', 'write -s more 9M 64k'];
  await run('qemu-io', ['-f', 'qcow2', ...writes, at('top.qcow2')], { cwd: directory });
  const expected = Buffer.alloc(10 * MIB);
  base.copy(expected, 2 * MIB);
  top.copy(expected, 2.5 * MIB);
  expected.fill(0, 2 * MIB, 2 * MIB + 65_536);
  top.copy(expected, 9 * MIB);
  const parts = await mapImage(source('top.qcow2'));
  expect(parts?.map(({ offset, length }) => [offset, length])).toEqual([
    [2 * MIB + 65_536, MIB / 2 - 65_536],
    [2.5 * MIB, 65_536],
    [2.5 * MIB + 65_536, MIB / 2 - 65_536],
    [9 * MIB, 65_536],
  ]);
  const reads = await DirectReads.open(source('top.qcow2'));
  if (reads === undefined) throw new Error('it can be read');
  for (const [offset, length] of [
    [0, 10 * MIB],
    [2.5 * MIB - 10, 70_000],
    [0, 100],
    [10 * MIB - 5, 5],
    [5 * MIB, 0],
  ] as const) {
    const into = Buffer.alloc(length, 1);
    await reads.read(offset, into);
    expect(into.equals(expected.subarray(offset, offset + length))).toBe(true);
  }
  expect(reads.extents(9.5 * MIB)).toEqual([
    { offset: 2 * MIB + 65_536, length: MIB - 65_536 },
    { offset: 9 * MIB, length: 65_536 },
  ]);
  await reads.close();
});

it('tells of plain bytes with holes', async () => {
  await run('truncate', ['-s', '10M', at('disk.raw')]);
  await run('qemu-io', ['-f', 'raw', '-c', 'write -P 7 4M 1M', at('disk.raw')]);
  expect(await mapImage(source('disk.raw', 'raw'))).toEqual([
    { offset: 4 * MIB, length: MIB, at: 4 * MIB, file: at('disk.raw') },
  ]);
});

it('gives up on what is compressed, and on what is no image', async () => {
  await writeFile(at('data'), Buffer.alloc(MIB, 'text '));
  await run('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', at('data'), at('small.qcow2')]);
  expect(await mapImage(source('small.qcow2'))).toBeUndefined();
  expect(await mapImage(source('data'))).toBeUndefined();
  expect(await mapImage(source('nothing'))).toBeUndefined();
  expect(await DirectReads.open(source('small.qcow2'))).toBeUndefined();
});
