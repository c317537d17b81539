import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { directoryLab } from './testing/directory-sr.js';
import { killed, rounds, upTo } from './testing/killed-process.js';
import { AT_ONCE } from './testing/killed-work.js';

it('loses nothing that was said when the process is killed, and leaves nothing behind', { timeout: 300_000 }, async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const lab = await directoryLab();
    await lab.storage.createSr(lab.sr, 0);
    const program = fileURLToPath(new URL('./killed-writer.ts', import.meta.url));
    const run = join(lab.location, '..', 'run');
    const { disk, written, snapshots } = await killed(program, [lab.location, lab.sr.uuid, run], 1000 + attempt * 370);
    expect(snapshots.length).toBeGreaterThan(0);

    const storage = lab.restarted(AT_ONCE);
    await storage.attach(lab.sr);
    const sr = lab.sr.uuid;
    const read = async (location: string): Promise<Buffer> => buffer(await storage.read({ sr, location }));
    for (const [location, round] of snapshots) expect(rounds(await read(location))).toEqual(upTo(round));
    const now = rounds(await read(disk));
    expect([upTo(written), upTo(written + 1)]).toContainEqual(now);
    const volumes = await storage.scan(sr);
    expect(volumes.length - snapshots.length).toBeLessThanOrEqual(3);
    // Layers that no volume needs go, those too that were on their way when the process was killed.
    const images = async (): Promise<number> =>
      (await readdir(join(lab.location, sr))).filter((name) => name.endsWith('.qcow2')).length;
    await expect.poll(images, { timeout: 30_000 }).toBe(volumes.length);
    for (const [location, round] of snapshots) expect(rounds(await read(location))).toEqual(upTo(round));
    expect(rounds(await read(disk))).toEqual(now);
    await storage.rest();
    for (const name of await readdir(join(lab.location, sr))) {
      expect(name).not.toMatch(/\.(?:intent|new)$/);
      if (name.endsWith('.qcow2')) await execute('qemu-img', ['check', '-q', '-f', 'qcow2', join(lab.location, sr, name)]);
    }
    for (const { location } of volumes) await storage.destroyVolume({ sr, location });
    expect(await readdir(join(lab.location, sr))).toEqual(['sr.json']);
    expect(lab.warnings).toEqual([]);
    await lab.remove();
  }
});
