import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test-world.js';
import { driverOf } from './drivers.js';
import { MAX_VOLUME, SrStore } from './sr-store.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('content of an emulated SR', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let store: SrStore;
  let warnings: string[];

  const open = (type = 'ext', size = 100 * GIB): SrStore =>
    new SrStore('11111111-1111-4111-8111-111111111111', directory.path, driverOf(type), size, (message) =>
      warnings.push(message),
    );
  const make = async (virtualSize = MIB, on = store): Promise<string> =>
    (await on.create({ uuid: newUuid(), virtualSize, name: '', description: '', smConfig: new Map() }, newUuid())).location;
  const read = (location: string, on = store): Promise<Buffer> => on.withChain(location, (chain) => chain.read(0, chain.size));
  const depth = (location: string): Promise<number> => store.withChain(location, async (chain) => chain.depth);
  const dataFiles = (): number => readdirSync(directory.path).filter((name) => name.endsWith('.data')).length;
  const reopen = async (): Promise<void> => {
    await store.close();
    store = open();
  };

  beforeEach(async () => {
    directory = await temporaryDirectory();
    warnings = [];
    store = open();
  });
  afterEach(async () => {
    await store.close();
    await directory.remove();
    expect(warnings).toEqual([]);
  });

  it('makes no file before the first write, and none for zeros', async () => {
    const location = await make(100 * GIB);
    await store.write(location, 50 * GIB, Buffer.alloc(MIB));
    expect(dataFiles()).toBe(0);
    await store.write(location, 50 * GIB, Buffer.from('x'));
    expect(dataFiles()).toBe(1);
    expect((await store.space()).physicalUtilisation).toBeLessThan(MIB);
    const [volume] = await store.list();
    expect(volume?.physicalUtilisation).toBeGreaterThan(0);
  });

  it('makes thousands of volumes quickly', async () => {
    const start = performance.now();
    for (let n = 0; n < 2000; n++) await make(8 * GIB);
    await reopen();
    expect(await store.list()).toHaveLength(2000);
    // About 0.3 s on an idle machine; a cost that grows with the number of volumes would take minutes.
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('takes the same time for a snapshot whatever the size, and copies nothing', async () => {
    const location = await make(MAX_VOLUME);
    await store.write(location, 15 * 2 ** 40, randomBytes(MIB));
    const before = (await store.space()).physicalUtilisation;
    await store.snapshot(location, newUuid());
    await store.clone(location, newUuid());
    expect((await store.space()).physicalUtilisation).toBe(before);
    expect(dataFiles()).toBe(1);
  });

  it('merges layers that nobody needs and gives their space back', async () => {
    const location = await make(8 * MIB);
    const content = randomBytes(2 * MIB);
    await store.write(location, 0, content);
    const snapshots: string[] = [];
    for (let n = 0; n < 5; n++) {
      snapshots.push((await store.snapshot(location, newUuid())).location);
      const part = randomBytes(100_000);
      part.copy(content, n * 50_000);
      await store.write(location, n * 50_000, part);
    }
    expect(await depth(location)).toBe(6);
    for (const snapshot of snapshots) await store.destroy(snapshot);
    await store.settled();
    expect(await depth(location)).toBe(1);
    expect(dataFiles()).toBe(1);
    expect((await read(location)).subarray(0, 2 * MIB).equals(content)).toBe(true);
    expect((await store.space()).physicalUtilisation).toBeLessThan(3 * MIB);
    await store.destroy(location);
    expect(dataFiles()).toBe(0);
  });

  it('goes on merging when the process ended half way', async () => {
    const location = await make(32 * MIB);
    const content = randomBytes(32 * MIB);
    await store.write(location, 0, content);
    const { location: snapshot } = await store.snapshot(location, newUuid());
    await store.write(location, 0, Buffer.from('new'));
    content.write('new');
    await store.destroy(snapshot);
    await reopen();
    await store.settled();
    expect(await depth(location)).toBe(1);
    expect((await read(location)).equals(content)).toBe(true);
  });

  it('does not let chains grow by snapshots of an idle disk', async () => {
    const location = await make();
    await store.write(location, 0, Buffer.from('x'));
    for (let n = 0; n < 50; n++) await store.snapshot(location, newUuid());
    expect(await depth(location)).toBe(2);
  });

  it('refuses a chain that grows too long', async () => {
    const location = await make();
    const grow = async (): Promise<void> => {
      for (let n = 0; n < 40; n++) {
        await store.write(location, 0, Buffer.from([n + 1]));
        await store.snapshot(location, newUuid());
      }
    };
    await expect(grow()).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_109' });
    expect((await read(location))[0]).toBeGreaterThan(20);
  });

  it('finds everything again, without what a killed process left half removed', async () => {
    const location = await make();
    await store.write(location, 10, Buffer.from('kept'));
    writeFileSync(join(directory.path, `${newUuid()}.data`), 'stray');
    await reopen();
    expect((await read(location)).subarray(10, 14).toString()).toBe('kept');
    expect(dataFiles()).toBe(1);
  });

  it('is full at some point', async () => {
    await store.close();
    store = open('lvm', 10 * MIB);
    await make(6 * MIB);
    await expect(make(6 * MIB)).rejects.toMatchObject({ code: 'SR_FULL', params: [String(6 * MIB), String(4 * MIB)] });
    await store.close();
    store = open('ext', 2 * MIB);
    const location = await make(4 * MIB);
    await store.write(location, 0, randomBytes(MIB + 1));
    await expect(store.write(location, MIB, randomBytes(MIB))).rejects.toMatchObject({ code: 'SR_FULL' });
  });

  it('refuses sizes that make no sense and what the kind of SR cannot do', async () => {
    await expect(make(MAX_VOLUME + 1)).rejects.toMatchObject({ code: 'VDI_TOO_LARGE' });
    await expect(make(-1)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await expect(make(1.5)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await store.close();
    store = open('iso');
    const location = await make();
    await expect(store.snapshot(location, newUuid())).rejects.toMatchObject({ code: 'SR_OPERATION_NOT_SUPPORTED' });
    await store.close();
    store = open('udev');
    await expect(make()).rejects.toMatchObject({ code: 'SR_OPERATION_NOT_SUPPORTED' });
  });

  it('takes no name that is no uuid', async () => {
    const location = await make();
    await expect(store.snapshot(location, '../../etc/passwd')).rejects.toMatchObject({ code: 'UUID_INVALID' });
  });
});
