import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { intersectionOf } from '../../../extents.js';
import { createImage } from '../image/qemu-img.js';
import { GrowingContent } from './growing-content.js';
import { ImageContent } from './image-content.js';
import { openImage } from './image-server.js';

const run = promisify(execFile);
const MIB = 2 ** 20;

let directory: string;
const at = (name: string): string => join(directory, name);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'growing-'));
});
afterEach(() => rm(directory, { recursive: true }));

it.each([5 * MIB, 700 * MIB, 5 * 2 ** 30 + 512])(
  'an image of %i bytes is one that QEMU finds nothing wrong with',
  async (size) => {
    await createImage(at('disk.qcow2'), size);
    const content = await GrowingContent.open(at('disk.qcow2'), size);
    const data = randomBytes(MIB + 300);
    const places = [size - data.length, 0, Math.floor(size / 3)];
    await Promise.all(places.map((place) => content.write(place, data)));
    await content.write(100, Buffer.alloc(10, 1));
    await content.zero(5000, 100_000);
    const start = Buffer.concat([data]).fill(1, 100, 110).fill(0, 5000, 105_000);
    expect((await content.read(0, start.length)).equals(start)).toBe(true);
    const extents = await content.extents();
    await content.close();
    await expect(content.write(0, data)).rejects.toMatchObject({ code: 'VDI_IO_ERROR' });
    const { stdout } = await run('qemu-img', ['check', '-f', 'qcow2', at('disk.qcow2')]);
    expect(stdout).toContain('No errors were found');
    const file = await open(at('disk.raw'), 'w');
    await file.truncate(size);
    await file.write(data, 0, data.length, size - data.length);
    await file.write(data, 0, data.length, places[2]);
    await file.write(start, 0, start.length, 0);
    await file.close();
    await run('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', at('disk.qcow2'), at('disk.raw')]);
    // Others find nothing where nothing was told of while it grew; they see holes within clusters, too.
    const image = await openImage({ path: at('disk.qcow2'), kind: 'file', format: 'qcow2', readOnly: true }, at('run'));
    const again = new ImageContent(
      { uuid: 'x', size, isWritable: false, makeRoom: async () => undefined, release: () => undefined },
      image,
    );
    const found = await again.extents();
    expect(intersectionOf(found, extents)).toEqual(found);
    expect(found).toHaveLength(3);
    expect((await again.read(places[2] ?? 0, data.length)).equals(data)).toBe(true);
    await again.close();
  },
);
