import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryRepository } from './directory-repository.js';

let directory: string;
const { signal } = new AbortController();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'repository-'));
  await mkdir(join(directory, 'root/dists/bookworm'), { recursive: true });
  await writeFile(join(directory, 'root/dists/bookworm/linux'), 'kernel');
  await writeFile(join(directory, 'outside'), 'secret');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (path: string) => directoryRepository(join(directory, 'root')).open(path, signal);

describe('a directory of others', () => {
  it('is followed through its own links', async () => {
    await symlink('bookworm', join(directory, 'root/dists/stable'));
    const found = await open('dists/stable/linux');
    expect(found?.size).toBe(6);
    expect(found && (await text(found.content))).toBe('kernel');
    expect(await open('dists/sid/linux')).toBeUndefined();
    expect(await open('dists/bookworm/linux/x')).toBeUndefined();
  });

  it('leads nowhere else', async () => {
    await symlink('/', join(directory, 'root/up'));
    await symlink('../outside', join(directory, 'root/linux'));
    await symlink(`${directory}/root-other`, join(directory, 'root/beside'));
    await mkdir(join(directory, 'root-other'));
    await writeFile(join(directory, 'root-other/linux'), 'secret');
    for (const path of ['up/etc/passwd', 'linux', 'beside/linux']) await expect(open(path)).rejects.toThrow(/leads out/);
  });

  it('keeps nobody waiting with what is no file', async () => {
    await promisify(execFile)('mkfifo', [join(directory, 'root/pipe')]);
    await expect(open('pipe')).rejects.toThrow(/is no file/);
    await expect(open('dists')).rejects.toThrow(/is no file/);
  });
});
