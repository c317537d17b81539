import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadPoolSecret } from './pool-secret.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pool-secret-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const path = () => join(dataDir, 'pool-secret');

it('makes a long secret that only its user can read, and keeps it', async () => {
  const secret = await loadPoolSecret(dataDir);
  expect(secret.length).toBeGreaterThan(60);
  expect((await stat(path())).mode & 0o777).toBe(0o600);
  expect(await loadPoolSecret(dataDir)).toBe(secret);
});

it('makes another one in place of an empty file', async () => {
  await writeFile(path(), '\n');
  const secret = await loadPoolSecret(dataDir);
  expect((await readFile(path(), 'utf8')).trim()).toBe(secret);
  expect(secret).not.toBe('');
});
