import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestClient } from '../src/nbd/testing/client.js';
import { COMMAND, OPTION, OPTION_REPLY } from '../src/wire/nbd/numbers.js';
import { PASSWORD } from '../test-support/daemon.js';
import { BackupClient, BLOCK, backUpTwice, type NbdInfo } from './support/nbd-backup.js';
import { testPool } from './support/pool.js';
import { describeWith, runProgram } from './support/program.js';

// Disks over NBD, read by QEMU's tools and by libnbd's, and backed up as Xen Orchestra does it.
const pool = testPool({ emulate: 'hosts=2,vms=1', args: ['--nbd-port', '0'] });

const MIB = 2 ** 20;
const SIZE = 24 * MIB + 512;

let directory: string;
let client: BackupClient;
let vdi: string;
let network: string;
let content: Buffer;

/** Writes parts of the disk by an upload of parts, as clients do. */
async function upload(parts: readonly (readonly [offset: number, data: Buffer])[]): Promise<void> {
  const records = [...parts, [0, Buffer.alloc(0)] as const].map(([offset, data]) => {
    const head = Buffer.alloc(12);
    head.writeBigUInt64LE(BigInt(offset));
    head.writeUInt32LE(data.length, 8);
    data.copy(content, offset);
    return Buffer.concat([head, data]);
  });
  const url = `${pool.daemon.http}/import_raw_vdi?session_id=${pool.rpc.session}&vdi=${vdi}&chunked=true`;
  const { status } = await fetch(url, { method: 'PUT', body: Buffer.concat(records) });
  expect(status).toBe(200);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nbd-'));
  client = new BackupClient(pool.rpc, directory);
  const srs = await pool.rpc.call<Record<string, { type: string; PBDs: string[] }>>('SR.get_all_records');
  const [sr] = Object.entries(srs).find(([, { type, PBDs }]) => type !== 'iso' && PBDs.length > 0) ?? [];
  const none = { other_config: {}, xenstore_data: {}, sm_config: {}, tags: [] };
  const disk = { name_label: 'disk', name_description: '', SR: sr, virtual_size: SIZE, type: 'user', sharable: false };
  vdi = await pool.rpc.call('VDI.create', { ...disk, read_only: false, ...none });
  content = Buffer.alloc(SIZE);
  await upload([
    [0, randomBytes(3 * MIB)],
    [10 * MIB + 77, randomBytes(1000)],
    [SIZE - 512, randomBytes(512)],
  ]);
  const networks = await pool.rpc.call<Record<string, { PIFs: string[] }>>('network.get_all_records');
  network = Object.entries(networks).find(([, { PIFs }]) => PIFs.length > 0)?.[0] ?? '';
  await pool.rpc.call('network.add_purpose', network, 'nbd');
});
afterAll(() => rm(directory, { recursive: true }));

/** An address of a disk as libnbd writes it. */
function uri({ address, port, exportname }: { address: string; port: number; exportname: string }): string {
  return `nbds://${address}:${port}/${encodeURIComponent(exportname)}?tls-verify-peer=false`;
}

describeWith('/usr/bin/qemu-img')('qemu-img', () => {
  it('learns the size, and where data is', async () => {
    const { tls, image } = await client.qemuOptions(await client.info(vdi));
    const info = await runProgram('qemu-img', ['info', '--output=json', ...tls, '--image-opts', image]);
    expect(info).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(info.stdout)).toMatchObject({ 'virtual-size': SIZE, format: 'nbd' });
    const map = await runProgram('qemu-img', ['map', '--output=json', ...tls, '--image-opts', image]);
    const parts = JSON.parse(map.stdout) as { start: number; length: number; data: boolean }[];
    const data = parts.filter((part) => part.data).reduce((sum, { length }) => sum + length, 0);
    expect(data).toBeGreaterThanOrEqual(3 * MIB + 1000 + 512);
    expect(data).toBeLessThan(6 * MIB);
  });

  it('reads the whole content', async () => {
    const copy = await client.copy(vdi);
    expect(await client.same(vdi, copy)).toBe(true);
  });

  it('is refused what is not offered, in words that say why', async () => {
    const info = await client.info(vdi);
    const { tls, image } = await client.qemuOptions({
      ...info,
      exportname: info.exportname.replace(/OpaqueRef:.*/, 'OpaqueRef:x'),
    });
    expect((await runProgram('qemu-img', ['info', ...tls, '--image-opts', image])).stderr).toContain('SESSION_INVALID');
    const plain = image.replace(/,tls-.*/, '');
    expect((await runProgram('qemu-img', ['info', '--image-opts', plain])).stderr).toMatch(/TLS/i);
  });

  it('backs up what has changed, with the older data there or gone', async () => {
    const blocks = await backUpTwice(pool.rpc, directory, vdi, () =>
      upload([
        [5 * BLOCK + 10, randomBytes(20)],
        [200 * BLOCK - 1, randomBytes(2)],
        [SIZE - 1, randomBytes(1)],
      ]),
    );
    expect(blocks).toBe(4);
  });
});

describeWith('/usr/bin/nbdcopy')('libnbd', () => {
  it('tells what is offered', async () => {
    const { status, stdout } = await runProgram('nbdinfo', ['--json', uri(await client.info(vdi))]);
    expect(status).toBe(0);
    const [offered] = (JSON.parse(stdout) as { TLS: boolean; structured: boolean; exports: Record<string, unknown>[] }).exports;
    expect(offered).toMatchObject({
      'export-size': SIZE,
      is_read_only: true,
      can_multi_conn: true,
      contexts: ['base:allocation'],
    });
  });

  it('copies the content over four connections', async () => {
    const path = join(directory, 'nbdcopy.raw');
    const { status, stderr } = await runProgram('nbdcopy', ['--connections=4', uri(await client.info(vdi)), path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await client.same(vdi, path)).toBe(true);
  });
});

it('a disk is in use while it is read, by twenty clients at once, until their session ends', async () => {
  const session = await pool.rpc.raw('session.login_with_password', 'root', PASSWORD, '1.0', 'reader');
  const snapshot = await client.snapshot(vdi);
  const [info] = (await pool.rpc.raw('VDI.get_nbd_info', session, snapshot)) as NbdInfo[];
  if (info === undefined) throw new Error('the disk is not offered');
  const readers = await Promise.all(Array.from({ length: 20 }, () => TestClient.connect(info.port)));
  await Promise.all(
    readers.map(async (reader) => {
      await reader.greet();
      await reader.startTls();
      expect((await reader.go(info.exportname)).type).toBe(OPTION_REPLY.ack);
      reader.ask(COMMAND.read, 0, MIB);
      expect((await reader.reply(0, MIB)).data.equals(content.subarray(0, MIB))).toBe(true);
    }),
  );
  await expect(pool.rpc.call('VDI.destroy', snapshot)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
  await pool.rpc.raw('session.logout', session);
  await Promise.all(readers.map((reader) => reader.hungUp()));
  await expect.poll(() => pool.rpc.call<string[]>('VDI.get_VBDs', snapshot)).toEqual([]);
  await pool.rpc.call('VDI.destroy', snapshot);
});

it('without TLS, where a network says so, and to nobody where none does', async () => {
  const { port, exportname } = await client.info(vdi);
  const asked = async () => {
    const reader = await TestClient.connect(port);
    try {
      await reader.greet();
      return (await reader.go(exportname, OPTION.info)).type;
    } finally {
      reader.close();
    }
  };
  expect(await asked()).toBe(OPTION_REPLY.tlsRequired);
  await pool.rpc.call('network.remove_purpose', network, 'nbd');
  await expect(asked()).rejects.toThrow('hung up');
  expect(await pool.rpc.call('VDI.get_nbd_info', vdi)).toEqual([]);
  await pool.rpc.call('network.add_purpose', network, 'insecure_nbd');
  expect(await asked()).toBe(OPTION_REPLY.ack);
});
