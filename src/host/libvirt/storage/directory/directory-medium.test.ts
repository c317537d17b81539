import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryMedium, ownDirectory } from './directory-medium.js';

const SR = '11111111-1111-4111-8111-111111111111';
const MIB = 2 ** 20;

let directory: string;
let medium: DirectoryMedium;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medium-'));
  await mkdir(ownDirectory(directory, SR));
  medium = new DirectoryMedium(SR, directory, directory, () => undefined);
});
afterEach(() => rm(directory, { recursive: true }));

describe('disks of plain bytes in a directory', () => {
  it('are made where sm_config says so, in no space and for nobody else to read', async () => {
    const shape = medium.shapeOf(4 * MIB - 1, new Map([['type', 'raw']]));
    expect(shape).toEqual({ format: 'raw', virtualSize: 4 * MIB });
    expect(medium.shapeOf(MIB, new Map()).format).toBe('qcow2');
    const name = medium.newName(shape.format);
    expect(medium.isOwn(name)).toBe(true);
    await medium.createNode(name, shape, undefined);
    expect(await medium.node(name)).toMatchObject({ format: 'raw', virtualSize: 4 * MIB, allocated: 0, parent: undefined });
    const stats = await stat(medium.paths(name)[0]);
    expect([stats.size, stats.mode & 0o777]).toEqual([4 * MIB, 0o600]);
    await expect(medium.createNode(name, shape, undefined)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('stay plain bytes whatever a guest writes into them', async () => {
    const name = medium.newName('raw');
    await medium.createNode(name, { format: 'raw', virtualSize: MIB }, undefined);
    // The head of a qcow2 image that stands on a file of the host.
    const head = Buffer.alloc(MIB);
    head.write('QFI\xfb', 'latin1');
    head.writeUInt32BE(3, 4);
    head.writeBigUInt64BE(512n, 8);
    head.writeUInt32BE(11, 16);
    head.write('/etc/shadow', 512);
    await writeFile(medium.paths(name)[0], head);
    const nodes = await medium.nodes();
    expect(nodes.get(name)).toMatchObject({ format: 'raw', virtualSize: MIB, parent: undefined, outside: false });
  });
});
