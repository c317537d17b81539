import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogicalUnit, multipathOf } from '../devices/logical-units.js';
import type { Multipath } from './multipath.js';

/**
 * Asks logical units how large they are now, which the kernel does by itself only when a path comes up, and has multipath devices take their new size. A path that
 * is down has nothing to tell. Rejects when multipathd does not answer.
 */
export async function measureUnits(
  units: readonly LogicalUnit[],
  multipath: Pick<Multipath, 'resize'>,
  sys = '/sys',
): Promise<void> {
  const block = join(sys, 'class/block');
  for (const unit of units) {
    await Promise.all(
      unit.paths.map((path) => writeFile(join(block, path, 'device/rescan'), '1', { flag: 'r+' }).catch(() => undefined)),
    );
    const name = multipathOf(unit);
    if (name !== undefined && (await hasOutgrown(block, unit.paths))) await multipath.resize(name);
  }
}

/** Whether paths are larger than the device that is made of them. */
async function hasOutgrown(block: string, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const [upper] = await readdir(join(block, path, 'holders')).catch(() => []);
    if (upper === undefined) continue;
    const [own, made] = await Promise.all([path, upper].map((name) => readFile(join(block, name, 'size'), 'utf8')));
    if (Number(own) > Number(made)) return true;
  }
  return false;
}
