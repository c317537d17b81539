import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc } from '../test-support/rpc.js';

/** A file system of its own takes root to mount. */
const canMount = process.getuid?.() === 0;

let dataDir: string;
beforeEach(async () => {
  dataDir = await newDataDir();
  if (canMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dataDir]);
});
afterEach(async () => {
  if (canMount) execFileSync('umount', ['--lazy', dataDir]);
  await remove(dataDir);
});

it.skipIf(!canMount)('a full disk costs nothing that was acknowledged, and with room again the daemon starts', async () => {
  const daemon = await Daemon.start(dataDir, { emulate: 'hosts=1,vms=1' });
  const rpc = await Rpc.login(daemon);
  const [pool] = await rpc.call<string[]>('pool.get_all');
  const ballast = join(dataDir, 'ballast');
  await fill(ballast);

  // Large values, so that the little room that is left in pages does not last.
  const acknowledged: string[] = [];
  let refused: unknown;
  for (let n = 0; n < 2000 && refused === undefined; n++) {
    const key = `key ${n}`;
    await rpc.call('pool.add_to_other_config', pool, key, randomBytes(20_000).toString('hex')).then(
      () => acknowledged.push(key),
      (error: unknown) => {
        refused = error;
      },
    );
  }
  expect(refused).toBeInstanceOf(Error);
  // What is in memory is ahead of the disk now: it must not serve it to anybody.
  const { code } = await daemon.process.ended;
  expect(code).toBe(1);
  expect(daemon.process.output).toMatch(/state\.db/);

  await rm(ballast);
  const next = await Daemon.start(dataDir);
  const config = await (await Rpc.login(next)).call<Record<string, string>>('pool.get_other_config', pool);
  const found = Object.keys(config).filter((key) => key.startsWith('key '));
  expect(found.sort()).toEqual(acknowledged.sort());
  expect(await next.stop()).toEqual({ code: 0, signal: null });
});

/** Takes all but a little of the free space. */
async function fill(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  const file = await open(path, 'w');
  try {
    const piece = Buffer.alloc(64 * 1024, 1);
    for (let left = bavail * bsize - 256 * 1024; left > 0; left -= piece.length) await file.write(piece);
  } finally {
    await file.close();
  }
}
