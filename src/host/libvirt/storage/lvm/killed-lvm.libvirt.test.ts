import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { execute } from '../../../../../test-support/libvirt/execute.js';
import { killed, rounds, upTo } from '../testing/killed-process.js';
import { AT_ONCE } from '../testing/killed-work.js';
import { groupNameOf } from './names.js';
import { lvmLab } from './testing/lvm-lab.js';

it('loses nothing that was said when the process is killed, and leaves nothing behind', { timeout: 300_000 }, async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const lab = await lvmLab();
    const sr = lab.sr.uuid;
    await lab.storage.createSr(lab.sr, 0);
    const program = fileURLToPath(new URL('./testing/killed-writer.ts', import.meta.url));
    const { disk, written, snapshots } = await killed(program, [lab.directory, sr], 2000 + attempt * 731);

    const storage = lab.restarted(AT_ONCE);
    await storage.attach(lab.sr);
    const read = async (location: string): Promise<Buffer> => buffer(await storage.read({ sr, location }));
    for (const [location, round] of snapshots) expect(rounds(await read(location))).toEqual(upTo(round));
    const now = rounds(await read(disk));
    expect([upTo(written), upTo(written + 1)]).toContainEqual(now);
    const volumes = await storage.scan(sr);
    expect(volumes.length - snapshots.length).toBeLessThanOrEqual(3);
    // Layers that no volume needs go, those too that were on their way when the process was killed.
    await expect.poll(async () => (await lab.sizes()).size, { timeout: 60_000 }).toBe(volumes.length);
    for (const [location, round] of snapshots) expect(rounds(await read(location))).toEqual(upTo(round));
    expect(rounds(await read(disk))).toEqual(now);
    await storage.rest();
    const tags = await lab.run(['vgs', '--noheadings', '-o', 'vg_tags', groupNameOf(sr)]);
    expect(tags).not.toContain('intent');
    for (const { location } of volumes) {
      const { path } = await storage.source({ sr, location });
      await execute('qemu-img', ['check', '-q', '-U', '-f', 'qcow2', path]);
    }
    for (const { location } of volumes) await storage.destroyVolume({ sr, location });
    expect(await lab.sizes()).toEqual(new Map());
    expect(lab.warnings).toEqual([]);
    await lab.remove();
  }
});
