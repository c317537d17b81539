import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execute } from '../execute.js';

/** Copies drivers of the only kernel in a tree into another one, with all that they need, so that `modprobe` finds them there. */
export async function copyModules(busybox: string, from: string, names: readonly string[], to: string): Promise<void> {
  const [version, ...more] = await readdir(join(from, 'lib/modules'));
  if (version === undefined || more.length > 0) throw new Error(`${from} holds not one kernel`);
  await execute(busybox, ['depmod', '-b', from, version]);
  const needs = dependencies(await readFile(join(from, 'lib/modules', version, 'modules.dep'), 'utf8'));
  const wanted = new Set<string>();
  for (const name of names) {
    const path = [...needs.keys()].find((key) => key.endsWith(`/${name}.ko`));
    if (path === undefined) throw new Error(`kernel ${version} has no driver ${name}`);
    for (const file of [path, ...(needs.get(path) ?? [])]) wanted.add(file);
  }
  for (const file of wanted) {
    const target = join(to, 'lib/modules', version, file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(from, 'lib/modules', version, file), target);
  }
  await execute(busybox, ['depmod', '-b', to, version]);
}

/** `modules.dep`: each driver's file with those that it needs, direct or not. */
function dependencies(text: string): Map<string, string[]> {
  const lines = text.split('\n').flatMap((line) => {
    const [file, needed = ''] = line.split(':');
    return file ? [[file, needed.split(' ').filter(Boolean)] as const] : [];
  });
  return new Map(lines);
}
