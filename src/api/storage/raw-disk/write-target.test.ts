import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Storage, VolumeAddress } from '../../../host/storage.js';
import { ApiError, type ErrorCode } from '../../../model/error.js';
import { isNullRef, type Ref } from '../../../model/ref.js';
import { rawStream } from '../../../wire/disk/raw-stream.js';
import { ByteSource } from '../../../wire/xva/byte-source.js';
import { type PoolFixture, poolFixture, vmPlan } from '../../testing/pool-fixture.js';
import { storageForVdi, volumeAddress } from '../placement.js';
import { writeStream } from './write-stream.js';
import { openNew, openTarget } from './write-target.js';

const SIZE = 2 ** 20;

let pool: PoolFixture;
let vdi: Ref<'VDI'>;
let storage: Storage;
let volume: VolumeAddress;
beforeEach(async () => {
  pool = await poolFixture({
    vms: [vmPlan('11111111-1111-4111-8111-111111111111', { disks: [{ name: 'd', size: SIZE, sr: undefined }] })],
  });
  const found = pool.db.filter('VDI', ({ virtual_size, SR }) => virtual_size === SIZE && !isNullRef(SR))[0];
  if (found === undefined) throw new Error('the VM has a disk');
  [vdi] = found;
  storage = storageForVdi(pool.api, vdi);
  volume = volumeAddress(pool.api, vdi);
});
afterEach(() => pool.close());

/** The same storage, which has no room for new content beside the old. */
function cramped(code: ErrorCode): Storage {
  return new Proxy(storage, {
    get: (target, name) =>
      name === 'rewrite'
        ? () => Promise.reject(new ApiError(code))
        : (...args: unknown[]) => Reflect.apply(Reflect.get(target, name, target), target, args),
  });
}

const stream = (bytes: Buffer, length?: number) =>
  rawStream(
    new ByteSource(
      (async function* () {
        yield bytes;
      })(),
    ),
    length,
  );

async function content(): Promise<Buffer> {
  const open = await storage.open(volume, 'read');
  const bytes = await open.read(0, SIZE);
  await open.close();
  return bytes;
}

it.each(['SR_FULL', 'SR_OPERATION_NOT_SUPPORTED'] as const)(
  'writes over what is there after %s, and leaves nothing of that',
  async (code) => {
    const old = await openNew(storage, volume);
    await old.content.write(0, Buffer.alloc(SIZE, 9));
    await old.content.close();
    const whole = stream(Buffer.alloc(1000, 1), SIZE);
    const target = await openTarget(cramped(code), volume, SIZE, whole);
    await writeStream(whole, target, vdi, () => undefined);
    await target.content.close();
    expect((await content()).equals(Buffer.alloc(SIZE).fill(1, 0, 1000))).toBe(true);
    const fresh = await openNew(cramped(code), volume);
    await fresh.content.close();
  },
);

it('lets other refusals through, and the volume go', async () => {
  await expect(openTarget(cramped('VDI_IO_ERROR'), volume, SIZE, stream(Buffer.alloc(1), SIZE))).rejects.toMatchObject({
    code: 'VDI_IO_ERROR',
  });
  await (await storage.open(volume, 'write')).close();
});
