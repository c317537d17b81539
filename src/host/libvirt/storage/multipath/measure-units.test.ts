import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogicalUnit } from '../devices/logical-units.js';
import { FakeTools } from '../testing/fake-tools.js';
import { measureUnits } from './measure-units.js';
import { Multipath } from './multipath.js';

let sys: string;
let tools: FakeTools;
beforeEach(async () => {
  sys = await mkdtemp(join(tmpdir(), 'units-'));
  tools = new FakeTools();
});
afterEach(() => rm(sys, { recursive: true }));

const at = (name: string, file: string): string => join(sys, 'class/block', name, file);
const asked = (name: string): Promise<string> => readFile(at(name, 'device/rescan'), 'latin1');

/** A device as the kernel shows it; size in sectors. */
async function device(name: string, size: number, upper?: string): Promise<void> {
  await mkdir(at(name, 'device'), { recursive: true });
  await mkdir(at(name, upper === undefined ? 'holders' : `holders/${upper}`), { recursive: true });
  await writeFile(at(name, 'size'), `${size}\n`);
  await writeFile(at(name, 'device/rescan'), '');
}

const unit = (path: string, ...paths: readonly string[]): LogicalUnit => ({
  ...{ scsiId: '3600', vendor: '', serial: '', size: 0, lun: 0, adapter: 'host0', channel: '0', id: '0' },
  ...{ path, paths, joined: 0, isReadOnly: false },
});

test('all paths are asked, and a map that is smaller than they are takes their size', async () => {
  await device('sda', 4096, 'dm-3');
  await device('sdb', 4096, 'dm-3');
  await device('dm-3', 2048);
  await device('sdc', 4096, 'dm-4');
  await device('dm-4', 4096);
  const units = [unit('/dev/mapper/3600', 'sda', 'sdb'), unit('/dev/mapper/3601', 'sdc')];
  await measureUnits(units, new Multipath(tools), sys);
  expect(await Promise.all(['sda', 'sdb', 'sdc'].map(asked))).toEqual(['1', '1', '1']);
  expect(tools.calls).toEqual(['multipathd resize map 3600']);
});

test('a path that is gone is passed over, and is not made up', async () => {
  await device('sdd', 4096);
  await measureUnits([unit('/dev/sdd', 'sdd', 'sde')], new Multipath(tools), sys);
  expect(await asked('sdd')).toBe('1');
  await expect(asked('sde')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(tools.calls).toEqual([]);
});
