import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc } from '../test-support/rpc.js';
import { UUID, Xe } from './support/xe.js';

// Files of VMs through the command line, which fetches and sends them itself.
let dataDir: string;
let daemon: Daemon;
let xe: Xe;
let rpc: Rpc;
let vm: string;

const DISK = 4 * 2 ** 20;

beforeAll(async () => {
  dataDir = await newDataDir();
  daemon = await Daemon.start(dataDir, { emulate: 'hosts=1,vms=1' });
  xe = new Xe(daemon);
  rpc = await Rpc.login(daemon);
  const sr = await xe.line('pool-list', 'params=default-SR', '--minimal');
  vm = await xe.makes('vm-install', 'template=Other install media', 'new-name-label=guest');
  const vdi = await xe.makes('vdi-create', `sr-uuid=${sr}`, 'name-label=disk', `virtual-size=${DISK}`, 'type=user');
  await xe.makes('vbd-create', `vm-uuid=${vm}`, `vdi-uuid=${vdi}`, 'device=0', 'type=Disk', 'bootable=true');
  const body = Buffer.concat([Buffer.alloc(DISK - 5), Buffer.from('bytes')]);
  const ref = await rpc.call('VDI.get_by_uuid', vdi);
  const query = `session_id=${rpc.session}&vdi=${ref}`;
  const sent = await fetch(`${daemon.http}/import_raw_vdi?${query}`, { method: 'PUT', body });
  expect(sent.status).toBe(200);
});
afterAll(async () => {
  rpc.close();
  await remove(dataDir);
});

function file(name: string): string {
  return join(dataDir, name);
}

/** The last bytes of the only disk of a VM. */
async function endOfDisk(uuid: string): Promise<string> {
  const [disk = ''] = (await xe.line('vbd-list', `vm-uuid=${uuid}`, 'type=Disk', 'params=vdi-uuid', '--minimal')).split(',');
  const ref = await rpc.call('VDI.get_by_uuid', disk);
  const answer = await fetch(`${daemon.http}/export_raw_vdi?session_id=${rpc.session}&vdi=${ref}`);
  return Buffer.from(await answer.arrayBuffer()).toString('latin1', DISK - 5);
}

it.each([
  ['plain', []],
  ['gzip', ['compress=true']],
  ['zstd', ['compress=zstd']],
])('vm-export and vm-import, %s', async (name, options) => {
  await xe.prints(['vm-export', `uuid=${vm}`, `filename=${file(name)}`, ...options], 'Export succeeded\n');
  const copy = await xe.makes('vm-import', `filename=${file(name)}`);
  expect(copy).not.toBe(vm);
  expect(await xe.line('vm-param-get', `uuid=${copy}`, 'param-name=name-label')).toBe('guest');
  expect(await endOfDisk(copy)).toBe('bytes');
});

it('a file that GNU tar reads', async () => {
  await xe.prints(['vm-export', `uuid=${vm}`, `filename=${file('listed')}`], 'Export succeeded\n');
  const names = execFileSync('tar', ['-tf', file('listed')], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(names[0]).toBe('ova.xml');
  expect(names.slice(1).map((name) => name.replace(/^Ref:\d+/, ''))).toEqual([
    '/00000000',
    '/00000000.xxhash',
    '/00000003',
    '/00000003.xxhash',
  ]);
  expect((await stat(file('listed'))).size % 512).toBe(0);
});

it('vm-import by a pipe, whose length nobody knows', async () => {
  await xe.prints(['vm-export', `uuid=${vm}`, `filename=${file('piped')}`], 'Export succeeded\n');
  execFileSync('mkfifo', [file('fifo')]);
  const feeding = new Promise<void>((done, failed) => {
    import('node:child_process').then(({ spawn }) =>
      spawn('dd', [`if=${file('piped')}`, `of=${file('fifo')}`, 'bs=64k'], { stdio: 'ignore' }).on('close', (code) =>
        code === 0 ? done() : failed(new Error(`dd ended with ${code}`)),
      ),
    );
  });
  const copy = await xe.makes('vm-import', `filename=${file('fifo')}`);
  await feeding;
  expect(await endOfDisk(copy)).toBe('bytes');
});

it('vm-import preserve=true, when the VM is gone', async () => {
  const gone = await xe.makes('vm-clone', `uuid=${vm}`, 'new-name-label=gone');
  await xe.prints(['vm-export', `uuid=${gone}`, `filename=${file('preserved')}`], 'Export succeeded\n');
  await xe.refuses(
    ['vm-import', `filename=${file('preserved')}`, 'preserve=true'],
    'The VM to be imported is not newer than the one that is there.',
    `vm: ${gone} (gone)`,
    'existing_version: 0',
    'version_to_import: 0',
  );
  await xe.run(['vm-uninstall', `uuid=${gone}`, 'force=true']);
  expect(await xe.line('vm-import', `filename=${file('preserved')}`, 'preserve=true')).toBe(gone);
  expect(await endOfDisk(gone)).toBe('bytes');
});

it('metadata alone', async () => {
  await xe.prints(['vm-export', `uuid=${vm}`, `filename=${file('metadata')}`, 'metadata=true'], 'Export succeeded\n');
  expect((await stat(file('metadata'))).size).toBeLessThan(100_000);
  await xe.prints(['vm-import', `filename=${file('metadata')}`, 'metadata=true', 'dry-run=true'], '\n');
  const copy = await xe.makes('vm-import', `filename=${file('metadata')}`, 'metadata=true');
  expect(await endOfDisk(copy)).toBe('bytes');
});

it('template-export and snapshot-export-to-template', async () => {
  const snapshot = await xe.makes('vm-snapshot', `uuid=${vm}`, 'new-name-label=then');
  await xe.prints(
    ['snapshot-export-to-template', `snapshot-uuid=${snapshot}`, `filename=${file('snapshot')}`],
    'Export succeeded\n',
  );
  const template = await xe.makes('vm-import', `filename=${file('snapshot')}`);
  expect(await xe.line('template-list', `uuid=${template}`, 'params=name-label', '--minimal')).toBe('then');
  await xe.prints(['template-export', `template-uuid=${template}`, `filename=${file('template')}`], 'Export succeeded\n');
  expect(await xe.line('vm-import', `filename=${file('template')}`)).toMatch(UUID);
  expect(await endOfDisk(template)).toBe('bytes');
});

it('a file that is cut off: an error, and nothing else', async () => {
  await xe.prints(['vm-export', `uuid=${vm}`, `filename=${file('whole')}`], 'Export succeeded\n');
  execFileSync('dd', [`if=${file('whole')}`, `of=${file('half')}`, 'bs=1000', 'count=1000'], { stdio: 'ignore' });
  const vms = await xe.line('vm-list', '--minimal');
  const vdis = await xe.line('vdi-list', '--minimal');
  const { status, stderr } = await xe.run(['vm-import', `filename=${file('half')}`]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/ends too early/);
  expect(await xe.line('vm-list', '--minimal')).toBe(vms);
  expect(await xe.line('vdi-list', '--minimal')).toBe(vdis);
  const tasks = await rpc.call<Record<string, unknown>>('task.get_all_records');
  expect(Object.values(tasks)).toEqual([]);
});
