import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execute } from '../execute.js';

/**
 * Copies the shared libraries of a program from this machine into a tree. The guest agent uses none that libvirt and QEMU do
 * not use, so they are there.
 */
export async function copyLibraries(program: string, tree: string): Promise<void> {
  const text = await execute('ldd', [program]);
  if (text.includes('not found')) throw new Error(`${program} lacks libraries:\n${text}`);
  for (const [, path] of text.matchAll(/(?:^|=>)\s*(\/\S+) \(0x/gm)) {
    if (path === undefined) continue;
    const target = join(tree, path);
    await mkdir(dirname(target), { recursive: true });
    await cp(path, target, { dereference: true });
  }
}
