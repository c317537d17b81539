import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { directoryLab } from './testing/directory-sr.js';

const BLOCK = 65_536;

/** Which blocks of a disk hold the number of their round. */
function rounds(content: Buffer): readonly number[] {
  const found: number[] = [];
  for (let round = 1; round * BLOCK < content.length; round++) {
    const block = content.subarray(round * BLOCK, (round + 1) * BLOCK);
    if (block.every((byte) => byte === round)) found.push(round);
    else expect(block.every((byte) => byte === 0)).toBe(true);
  }
  return found;
}

const upTo = (round: number): readonly number[] => Array.from({ length: round }, (_, index) => index + 1);

it('loses nothing that was said when the process is killed, and leaves nothing behind', { timeout: 120_000 }, async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const lab = await directoryLab();
    await lab.storage.createSr(lab.sr, 0);
    const program = fileURLToPath(new URL('./killed-writer.ts', import.meta.url));
    const run = join(lab.location, '..', 'run');
    const child = spawn(process.execPath, [...process.execArgv, program, lab.location, lab.sr.uuid, run], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 2000 + attempt * 370));
    child.kill('SIGKILL');
    await once(child, 'close');
    // The last line may be cut off: what it says was not said.
    const lines = (await output).split('\n').slice(0, -1);
    const said = (word: string): string[][] => lines.map((line) => line.split(' ')).filter(([first]) => first === word);
    const [[, disk = ''] = []] = said('disk');
    const destroyed = new Set(said('destroying').map(([, location]) => location));
    const kept = said('snapshot').filter(([, , location]) => !destroyed.has(location));
    expect(kept.length).toBeGreaterThan(0);

    const storage = lab.restarted();
    await storage.attach(lab.sr);
    const sr = lab.sr.uuid;
    const read = async (location: string): Promise<Buffer> => buffer(await storage.read({ sr, location }));
    for (const [, round, location = ''] of kept) expect(rounds(await read(location))).toEqual(upTo(Number(round)));
    const written = said('written').length;
    const now = rounds(await read(disk));
    expect([upTo(written), upTo(written + 1)]).toContainEqual(now);
    const volumes = await storage.scan(sr);
    expect(volumes.length - kept.length).toBeLessThanOrEqual(3);
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
