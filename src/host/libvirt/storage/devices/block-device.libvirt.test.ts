import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoopDevice, loopDevice } from '../testing/loop-device.js';
import { isUnused, needUnused } from './block-device.js';

const { O_RDONLY, O_EXCL, O_NONBLOCK } = constants;

/** Bytes. */
const SIZE = 1024 * 1024;

/** Milliseconds for which somebody looks at a device. */
const A_LOOK = 100;

let device: LoopDevice;

beforeEach(async () => {
  device = await loopDevice(SIZE);
});
afterEach(() => device.remove());

const take = () => open(device.path, O_RDONLY | O_EXCL | O_NONBLOCK);

describe('a block device', () => {
  it('is unused, whoever else asks at the same time', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => isUnused(device.path)))).toEqual(Array(20).fill(true));
  });

  it('is unused when somebody has only looked at it', async () => {
    const other = await take();
    const answer = isUnused(device.path);
    await setTimeout(A_LOOK);
    await other.close();
    expect(await answer).toBe(true);
  });

  it('is in use as long as somebody has it', async () => {
    const other = await take();
    try {
      expect(await isUnused(device.path)).toBe(false);
      await expect(needUnused(device)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_16' });
    } finally {
      await other.close();
    }
    await needUnused(device);
  });
});
