import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { type JsonRecord, Rpc } from '../test-support/rpc.js';

// Backups of the database and of the gateway's state: taken back whole, or not at all.
let dataDir: string;
let daemon: Daemon;
let rpc: Rpc;
beforeAll(async () => {
  dataDir = await newDataDir();
  daemon = await Daemon.start(dataDir, { emulate: 'hosts=2,vms=4' });
  rpc = await Rpc.login(daemon);
});
afterAll(async () => {
  rpc.close();
  await remove(dataDir);
});

async function download(path: string): Promise<Buffer> {
  const answer = await fetch(`${daemon.http}${path}?session_id=${rpc.session}`);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** Uploads under a task; resolves with how the task ended. */
async function upload(path: string, body: Uint8Array | string, query = ''): Promise<JsonRecord> {
  const task = await rpc.call<string>('task.create', 'restore', '');
  await fetch(`${daemon.http}${path}?session_id=${rpc.session}&task_id=${task}${query}`, {
    method: 'PUT',
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
    .then((answer) => answer.arrayBuffer())
    .catch(() => undefined);
  for (;;) {
    const record = await rpc.call<JsonRecord>('task.get_record', task);
    if (record.status !== 'pending') return record;
    await sleep(20);
  }
}

/** The session goes with the daemon that made it. */
async function restarted(): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const alive = await rpc.call('pool.get_all').then(
      () => true,
      () => false,
    );
    if (!alive) break;
    await sleep(50);
  }
  for (;;) {
    const next = await Rpc.login(daemon).catch(() => undefined);
    if (next) {
      rpc.close();
      rpc = next;
      return;
    }
    await sleep(50);
  }
}

const labels = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(await rpc.call<Record<string, JsonRecord>>('VM.get_all_records')).map(([ref, vm]) => [
      ref,
      { name: vm.name_label, power: vm.power_state, description: vm.name_description, on: vm.resident_on },
    ]),
  );

const leftovers = async (): Promise<string[]> => (await readdir(dataDir)).filter((name) => name.startsWith('restore'));

describe('a dump of the database', () => {
  it('is taken back, and the daemon goes on with it at the same address', { timeout: 60_000 }, async () => {
    const before = await labels();
    const dump = await download('/pool/xmldbdump');
    const pid = daemon.process.pid;
    const [pool] = await rpc.call<string[]>('pool.get_all');
    await rpc.call('pool.set_name_label', pool, 'another name');
    const [vm] = Object.keys(before);
    await rpc.call('VM.set_name_description', vm, 'written after the backup');
    const clone = await rpc.call<string>(
      'VM.clone',
      Object.entries(before).find(([, v]) => (v as JsonRecord).power === 'Halted')?.[0],
      'made after it',
    );

    const tried = await upload('/pool/xmldbdump', dump, '&dry_run=true');
    expect(tried).toMatchObject({ status: 'success' });
    expect(await leftovers()).toEqual([]);
    expect(await rpc.call('pool.get_name_label', pool)).toBe('another name');

    expect(await upload('/pool/xmldbdump', dump)).toMatchObject({ status: 'success' });
    await restarted();
    expect(daemon.process.pid).toBe(pid);
    expect(daemon.process.isOver).toBe(false);
    expect(await rpc.call('pool.get_name_label', pool)).not.toBe('another name');
    expect(await labels()).toEqual(before);
    expect(await rpc.call('VM.get_all')).not.toContain(clone);
    expect(await leftovers()).toEqual([]);
    // It is a whole pool, which works.
    const sr = await rpc.call<string>('pool.get_default_SR', pool);
    await rpc.call('SR.scan', sr);
  });

  it('that waits is taken back by the next start when the daemon is killed first', { timeout: 60_000 }, async () => {
    const [pool] = await rpc.call<string[]>('pool.get_all');
    await rpc.call('pool.set_name_label', pool, 'as it was backed up');
    const dump = await download('/pool/xmldbdump');
    await rpc.call('pool.set_name_label', pool, 'as it was before the kill');
    expect(await upload('/pool/xmldbdump', dump)).toMatchObject({ status: 'success' });
    await daemon.kill();
    expect(await leftovers()).toEqual(['restore']);
    rpc.close();
    daemon = await Daemon.start(dataDir);
    rpc = await Rpc.login(daemon);
    expect(await rpc.call('pool.get_name_label', pool)).toBe('as it was backed up');
    expect(await leftovers()).toEqual([]);
  });
});

describe('what is no dump of this pool', () => {
  const bad: readonly [string, (dump: string) => string, string][] = [
    ['is cut off', (dump) => dump.slice(0, dump.length / 2), 'COULD_NOT_IMPORT_DATABASE'],
    ['is empty of objects', () => '<database><manifest/></database>', 'RESTORE_INCOMPATIBLE_VERSION'],
    ['is no XML', () => 'a text', 'COULD_NOT_IMPORT_DATABASE'],
    ['has another version', (dump) => dump.replace(/(schema_minor_vsn" value=")\d+/, '$15'), 'RESTORE_INCOMPATIBLE_VERSION'],
    [
      'has classes of others',
      (dump) => dump.replace('</database>', '<table name="Spaceship"><row ref="OpaqueRef:1"/></table></database>'),
      'COULD_NOT_IMPORT_DATABASE',
    ],
    ['has fields of others', (dump) => dump.replace('<row ref="', '<row warp="9" ref="'), 'COULD_NOT_IMPORT_DATABASE'],
    ['has no pool', (dump) => dump.replace(/<table name="pool">.*?<\/table>/s, ''), 'COULD_NOT_IMPORT_DATABASE'],
    ['has paths for uuids', (dump) => dump.replace(/ uuid="[^"]*"/, ' uuid="../../etc/passwd"'), 'COULD_NOT_IMPORT_DATABASE'],
    [
      'has an entity that grows',
      (dump) => dump.replace('<database>', '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><database>&b;'),
      'COULD_NOT_IMPORT_DATABASE',
    ],
    [
      'has the pool as its master',
      (dump) =>
        dump.replace(
          /( master=")[^"]*/,
          (_, start: string) => `${start}${/<table name="pool"><row ref="([^"]*)/.exec(dump)?.[1]}`,
        ),
      'COULD_NOT_IMPORT_DATABASE',
    ],
    ['has other cards', (dump) => dump.replaceAll(/ device="eth0"/g, ' device="eth77"'), 'RESTORE_TARGET_MISSING_DEVICE'],
  ];
  it.each(bad)('%s: refused, and nothing has changed', async (_name, spoil, code) => {
    const before = await labels();
    const dump = (await download('/pool/xmldbdump')).toString();
    const spoilt = spoil(dump);
    expect(spoilt).not.toBe(dump);
    const task = await upload('/pool/xmldbdump', spoilt);
    expect(task).toMatchObject({ status: 'failure' });
    expect((task.error_info as string[])[0]).toBe(code);
    expect(await leftovers()).toEqual([]);
    expect(await labels()).toEqual(before);
  });
});

describe('a backup of the host', () => {
  it('has accounts, keys and blobs, and takes them back', { timeout: 60_000 }, async () => {
    const [pool] = await rpc.call<string[]>('pool.get_all');
    const blob = await rpc.call<string>('pool.create_new_blob', pool, 'note', 'text/plain', false);
    const put = (text: string) =>
      fetch(`${daemon.http}/blob?session_id=${rpc.session}&ref=${blob}`, { method: 'PUT', body: text });
    await put('as it was');
    const backup = await download('/host_backup');
    const names = backup.toString('latin1').match(/files\/[a-z][\w./-]*/g) ?? [];
    expect(names).toEqual(expect.arrayContaining(['files/accounts.json', 'files/pool-secret', 'files/tls/key.pem']));
    await put('as it became');
    await rpc.call('pool.set_name_label', pool, 'as it became');

    expect(await upload('/host_restore', backup, '&dry_run=true')).toMatchObject({ status: 'success' });
    expect(await rpc.call('pool.get_name_label', pool)).toBe('as it became');

    for (const spoilt of [backup.subarray(0, backup.length / 2), Buffer.from('no tar'), evil(backup)]) {
      const task = await upload('/host_restore', spoilt);
      expect(task).toMatchObject({ status: 'failure' });
      expect(['RESTORE_SCRIPT_FAILED', 'COULD_NOT_IMPORT_DATABASE']).toContain((task.error_info as string[])[0]);
      expect(await leftovers()).toEqual([]);
    }
    expect(existsSync(join(dataDir, 'state.bad'))).toBe(false);

    expect(await upload('/host_restore', backup)).toMatchObject({ status: 'success' });
    await restarted();
    expect(await rpc.call('pool.get_name_label', pool)).not.toBe('as it became');
    const content = await fetch(`${daemon.http}/blob?session_id=${rpc.session}&ref=${blob}`);
    expect(await content.text()).toBe('as it was');
    expect(await leftovers()).toEqual([]);
  });

  it('is for administrators of the pool', async () => {
    for (const [path, method] of [
      ['/host_backup', 'GET'],
      ['/host_restore', 'PUT'],
      ['/pool/xmldbdump', 'PUT'],
    ] as const)
      expect((await fetch(`${daemon.http}${path}`, { method, ...(method === 'PUT' && { body: 'x' }) })).status).toBe(401);
  });
});

/** The same archive with the name of its accounts changed to that of a file which is no part of the state. */
function evil(backup: Buffer): Buffer {
  const copy = Buffer.from(backup);
  const at = copy.indexOf('files/accounts.json');
  copy.write('files/state.bad\0\0\0\0', at, 'latin1');
  const header = copy.subarray(at, at + 512);
  header.fill(' ', 148, 156);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}
