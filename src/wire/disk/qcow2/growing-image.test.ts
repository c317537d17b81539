import { describe, expect, it } from 'vitest';
import { applied, MemorySpool, numbersOf, sourceOf } from '../testing/disks.js';
import { CLUSTER } from './clusters.js';
import { GrowingImage } from './growing-image.js';
import { qcow2Stream } from './qcow2-stream.js';

/** The file that an image has become, and the disk that was written into it. */
function grown(seed: number): { readonly file: Buffer; readonly disk: Buffer; readonly image: GrowingImage } {
  const next = numbersOf(seed);
  const size = 512 * (1 + next(40_000));
  const disk = Buffer.alloc(size);
  const image = new GrowingImage(size);
  let file = Buffer.alloc(0);
  const put = (at: number, bytes: Buffer): void => {
    if (at + bytes.length > file.length) file = Buffer.concat([file, Buffer.alloc(at + bytes.length - file.length)]);
    bytes.copy(file, at);
  };
  for (let write = 0; write < 12; write++) {
    const offset = next(size);
    const length = Math.min(size - offset, 1 + next([500, 70_000, 2_000_000][next(3)] ?? 1));
    const data = Buffer.alloc(length, 1 + next(255));
    data.copy(disk, offset);
    for (const part of image.place(offset, length)) {
      put(part.at, data.subarray(part.offset - offset, part.offset - offset + part.length));
      expect([...image.find(part.offset, part.length)]).toEqual([part]);
    }
  }
  const rest = image.finish();
  let step = rest.next();
  for (; !step.done; step = rest.next()) put(step.value.at, step.value.bytes);
  put(step.value, Buffer.alloc(0));
  expect(file).toHaveLength(step.value);
  return { file, disk, image };
}

describe('an image that grows', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'holds what was written, wherever and in whatever order (%i)',
    async (seed) => {
      const { file, disk, image } = grown(seed);
      const stream = await qcow2Stream(sourceOf(file, seed), new MemorySpool());
      expect(stream.size).toBe(disk.length);
      expect((await applied(stream, disk.length)).equals(disk)).toBe(true);
      const clusters = [...image.clusters()];
      expect(clusters).toEqual([...clusters].sort((a, b) => a - b));
      for (let cluster = 0; cluster * CLUSTER < disk.length; cluster++) {
        const isEmpty = disk.subarray(cluster * CLUSTER, (cluster + 1) * CLUSTER).every((byte) => byte === 0);
        expect(clusters.includes(cluster)).toBe(!isEmpty);
      }
    },
  );

  it('is small where little was written', () => {
    const image = new GrowingImage(4 * 2 ** 40);
    for (const _ of image.place(3 * 2 ** 40, 100));
    const rest = image.finish();
    let step = rest.next();
    while (!step.done) step = rest.next();
    expect(step.value).toBeLessThan(10 * CLUSTER);
    expect([...image.find(0, 2 ** 30)]).toEqual([]);
  });
});
