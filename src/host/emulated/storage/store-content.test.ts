import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from '../test-world.js';
import { DRIVERS } from './drivers.js';
import { SrStore } from './sr-store.js';
import { changesOf, openContent } from './store-content.js';

const GIB = 2 ** 30;
const BLOCK = 65_536;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let store: SrStore;
beforeEach(async () => {
  directory = await temporaryDirectory();
  const driver = DRIVERS.get('ext');
  if (driver === undefined) throw new Error('there is such a type');
  store = new SrStore(newUuid(), directory.path, driver, 100 * GIB, (message) => {
    throw new Error(message);
  });
});
afterEach(async () => {
  await store.close();
  await directory.remove();
});

it('tells what a large disk holds, over the borders of pages of the map', async () => {
  const location = newUuid();
  await store.create({ uuid: location, virtualSize: 20 * GIB + 100, name: '', description: '', smConfig: new Map() }, location);
  const content = openContent(store, location, 'write');
  const marks = [2 * GIB - BLOCK, 2 * GIB, 7 * GIB, 20 * GIB];
  for (const offset of marks) await content.write(offset, Buffer.alloc(100, 1));
  const held = [
    { offset: 2 * GIB - BLOCK, length: 2 * BLOCK },
    { offset: 7 * GIB, length: BLOCK },
    { offset: 20 * GIB, length: 100 },
  ];
  expect(await content.extents()).toEqual(held);
  await content.close();
  const snapshot = newUuid();
  await store.snapshot(location, snapshot);
  expect(await changesOf({ store, location }, { store, location: snapshot })).toEqual([]);
  const again = openContent(store, location, 'write');
  await again.zero(7 * GIB, GIB);
  await again.close();
  expect(await changesOf({ store, location }, { store, location: snapshot })).toEqual([{ offset: 7 * GIB, length: BLOCK }]);
});
