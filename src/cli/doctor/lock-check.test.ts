import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../db/open-store.js';
import { checkLocks } from './lock-check.js';

let directory: string;
let conf: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doctor-'));
  conf = join(directory, 'qemu.conf');
  const store = await openStore('sqlite', directory);
  const text = (sr: object) => JSON.stringify({ name_label: 'an SR', ...sr });
  await store.load();
  await store.write({
    rows: [{ className: 'SR', ref: 'OpaqueRef:iso', text: text({ shared: true, content_type: 'iso' }) }],
    meta: new Map(),
  });
  await store.close();
});
afterAll(() => rm(directory, { recursive: true }));

const grade = async () => (await checkLocks(directory, conf)).grade;

it('warns where hosts share disks and libvirt takes no leases', async () => {
  expect(await grade()).toBe('ok');
  const store = await openStore('sqlite', directory);
  await store.load();
  await store.write({
    rows: [{ className: 'SR', ref: 'OpaqueRef:nfs', text: JSON.stringify({ shared: true }) }],
    meta: new Map(),
  });
  await store.close();
  expect(await grade()).toBe('warn');
  await writeFile(conf, '#lock_manager = "lockd"\n');
  expect(await grade()).toBe('warn');
  await writeFile(conf, 'lock_manager = "lockd"\n');
  expect(await checkLocks(directory, conf)).toMatchObject({ grade: 'ok', found: expect.stringContaining('lockd') });
});
