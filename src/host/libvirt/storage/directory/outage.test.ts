import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ImageIndex } from './image-index.js';
import { RecordFiles } from './record-files.js';

/** The code with which the operating system refuses the files of an outage. */
const outage = vi.hoisted(() => ({ code: '' }));

vi.mock(import('node:fs/promises'), async (importOriginal) => {
  const original = await importOriginal();
  const orRefuse =
    <A extends readonly unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      if (outage.code !== '') throw Object.assign(new Error(`${outage.code}: ${String(args[0])}`), { code: outage.code });
      return work(...args);
    };
  const { lstat, readFile } = original;
  return {
    ...original,
    lstat: vi.fn(async (path) => orRefuse(lstat)(path)),
    readFile: vi.fn(async (path, options) => orRefuse(readFile)(path, options)),
  } as typeof original;
});

const UUID = '8b6a9a3e-6f0f-4a53-9a5d-3f1f1f7b7f10';
let directory: string;
let index: ImageIndex;
const warnings: string[] = [];

beforeEach(async () => {
  outage.code = '';
  warnings.length = 0;
  directory = await mkdtemp(join(tmpdir(), 'outage-'));
  await writeFile(join(directory, 'disk'), 'x'.repeat(512));
  await writeFile(join(directory, `${UUID}.claim`), 'node');
  index = new ImageIndex(directory, {
    wants: (name) => name === 'disk',
    identify: async (_name, _file, size) => ({ format: 'raw', virtualSize: size }),
  });
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const records = (): RecordFiles => new RecordFiles(directory, (_thrown, text) => warnings.push(text));

it.each(['EIO', 'ETIMEDOUT', 'ESTALE', 'EHOSTDOWN'])('takes no file for gone when storage answers %s', async (code) => {
  outage.code = code;
  await expect(index.all()).rejects.toMatchObject({ code });
  await expect(records().load()).rejects.toMatchObject({ code });
});

it.each(['ENOENT', 'EACCES'])('passes over a file that is refused with %s', async (code) => {
  outage.code = code;
  expect([...(await index.all())]).toEqual([]);
  expect((await records().load()).claims).toEqual([]);
  expect(warnings).toHaveLength(1);
  outage.code = '';
  expect([...(await index.all()).keys()]).toEqual(['disk']);
  expect((await records().load()).claims).toEqual(['node']);
});
