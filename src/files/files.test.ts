import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomically } from './atomic-write.js';
import { FileLock, FileLockedError } from './file-lock.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'files-'));
  path = join(directory, 'file');
});
afterEach(() => rm(directory, { recursive: true }));

describe('writeFileAtomically', () => {
  it('replaces the text and the mode', async () => {
    await writeFile(path, 'old, and longer than the new one');
    await chmod(path, 0o644);
    await writeFileAtomically(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('leaves no temporary file behind, also when it fails', async () => {
    await writeFileAtomically(path, 'new');
    await expect(writeFileAtomically(directory, 'text')).rejects.toThrow();
    expect(await readdir(directory)).toEqual(['file']);
    expect(
      (await readdir(tmpdir())).filter((name) => directory.endsWith(name.split('.')[0] ?? '') && name.endsWith('.new')),
    ).toEqual([]);
  });
});

describe('FileLock', () => {
  it('has one holder at a time', async () => {
    const lock = await FileLock.take(path);
    await expect(FileLock.take(path)).rejects.toBeInstanceOf(FileLockedError);
    lock.release();
    (await FileLock.take(path)).release();
  });

  it('waits as long as it was told to', async () => {
    const lock = await FileLock.take(path);
    const next = FileLock.take(path, 5000);
    lock.release();
    (await next).release();
  });

  it('is lifted when its holder is killed', async () => {
    const holder = fork(new URL('./lock-holder.js', import.meta.url), [path]);
    await once(holder, 'message');
    await expect(FileLock.take(path)).rejects.toBeInstanceOf(FileLockedError);
    holder.kill('SIGKILL');
    await once(holder, 'close');
    (await FileLock.take(path)).release();
  });
});
