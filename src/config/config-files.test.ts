import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesPath, readAddresses, removeAddresses, writeAddresses } from './addresses-file.js';
import { readSecretFile } from './secret-file.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('addresses.json', () => {
  const here = { http: 'http://127.0.0.1:8080', https: 'https://127.0.0.1:8443', pid: process.pid };

  it('is written, read and removed', async () => {
    expect(await readAddresses(directory)).toBeUndefined();
    await writeAddresses(directory, here);
    expect(await readAddresses(directory)).toEqual(here);
    expect((await stat(addressesPath(directory))).mode & 0o777).toBe(0o644);
    removeAddresses(directory);
    expect(await readAddresses(directory)).toBeUndefined();
    removeAddresses(directory);
  });

  it('is left alone when it is the file of another daemon, and unread when it is damaged', async () => {
    await writeAddresses(directory, { ...here, pid: process.pid + 1 });
    removeAddresses(directory);
    expect(await readAddresses(directory)).toMatchObject({ pid: process.pid + 1 });
    await writeFile(addressesPath(directory), '{"http": 1}');
    expect(await readAddresses(directory)).toBeUndefined();
  });
});

describe('readSecretFile', () => {
  it.each(['pass word', 'pass word\n', 'pass word\r\n', 'pass word\n\n'])('takes the first line of %j', async (content) => {
    await writeFile(join(directory, 'secret'), content);
    expect(await readSecretFile(join(directory, 'secret'), 'password-file')).toBe('pass word');
  });

  it.each([
    ['', 'no password'],
    ['\nsecret', 'no password'],
    ['find\nme', 'more than one line'],
    ['x'.repeat(9000), 'larger'],
  ])('refuses %.10j and does not repeat it', async (content, message) => {
    const path = join(directory, 'secret');
    await writeFile(path, content);
    await expect(readSecretFile(path, 'password-file')).rejects.toThrow(
      new RegExp(`password-file \\(from .*/secret\\): .*${message}`),
    );
    await expect(readSecretFile(path, 'password-file')).rejects.not.toThrow('find');
  });

  it('names the file that is missing', async () => {
    await expect(readSecretFile(join(directory, 'none'), 'password-file')).rejects.toThrow('ENOENT');
  });
});
