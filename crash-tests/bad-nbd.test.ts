import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { beforeAll, expect, it } from 'vitest';
import { TestClient } from '../src/nbd/testing/client.js';
import { encodeClientFlags } from '../src/wire/nbd/greeting.js';
import { COMMAND, OPTION, OPTION_REPLY } from '../src/wire/nbd/numbers.js';
import { encodeExportRequest, encodeOption } from '../src/wire/nbd/options.js';
import { encodeRequest } from '../src/wire/nbd/requests.js';
import { sendRaw } from './support/raw-request.js';
import { sturdyDaemon } from './support/sturdy-daemon.js';

// Clients of NBD that go wrong. The disk has 8 GiB of zeros: answers as large as anybody may ask for.
const sturdy = sturdyDaemon('hosts=1,vms=1,running=0');

const MIB = 2 ** 20;

let vdi: string;
let port: number;
let name: string;

beforeAll(async () => {
  const networks = await sturdy.rpc.call<Record<string, { PIFs: string[] }>>('network.get_all_records');
  const [network] = Object.entries(networks).find(([, { PIFs }]) => PIFs.length > 0) ?? [];
  await sturdy.rpc.call('network.add_purpose', network, 'nbd');
  const disks = await sturdy.rpc.call<Record<string, { VBDs: string[]; virtual_size: number }>>('VDI.get_all_records');
  const [found] = Object.entries(disks).find(([, disk]) => disk.VBDs.length > 0 && disk.virtual_size > 2 ** 30) ?? [];
  if (found === undefined) throw new Error('the pool has no large disk');
  vdi = found;
  const [info] = await sturdy.rpc.call<{ port: number; exportname: string }[]>('VDI.get_nbd_info', vdi);
  if (info === undefined) throw new Error('the disk is not offered');
  ({ port, exportname: name } = info);
});

/** Waits until everything that clients had is gone at the daemon, too. */
async function settled(before: number): Promise<void> {
  await expect.poll(() => sturdy.openFiles(), { timeout: 20_000 }).toBeLessThanOrEqual(before + 4);
  // One drive is that of the VM.
  await expect.poll(() => sturdy.rpc.call<string[]>('VDI.get_VBDs', vdi), { timeout: 20_000 }).toHaveLength(1);
}

async function reader(): Promise<TestClient> {
  const client = await TestClient.connect(port);
  await client.greet();
  await client.startTls();
  expect((await client.go(name)).type).toBe(OPTION_REPLY.ack);
  return client;
}

it('random bytes, before TLS, in its place and within it', async () => {
  const before = sturdy.openFiles();
  const start = Buffer.concat([encodeClientFlags(3), encodeOption(OPTION.startTls)]);
  for (let batch = 0; batch < 5; batch++) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const bytes = randomBytes(randomInt(1, 4096));
        if (n % 3 < 2) {
          const { text } = await sendRaw(port, n % 3 === 0 ? bytes : Buffer.concat([start, bytes]), 300);
          expect(text.startsWith('NBDMAGICIHAVEOPT')).toBe(true);
          return;
        }
        const client = await TestClient.connect(port);
        await client.greet();
        await client.startTls();
        client.send(n % 2 === 0 ? bytes : encodeOption(randomInt(20), bytes));
        await sleep(100);
        client.close();
      }),
    );
  }
  await settled(before);
});

it('a client that speaks TLS at once', async () => {
  const before = sturdy.openFiles();
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  await settled(before);
});

it('handshakes that break off after each of their bytes', async () => {
  const before = sturdy.openFiles();
  const go = encodeOption(OPTION.go, encodeExportRequest({ name, wanted: [3] }));
  const talk = Buffer.concat([encodeClientFlags(3), encodeOption(OPTION.structuredReply), go]);
  for (let length = 0; length <= talk.length; length += 3) {
    const client = await TestClient.connect(port);
    client.send(talk.subarray(0, length));
    if (length % 2 === 0) client.socket.end();
    else client.socket.resetAndDestroy();
    await client.hungUp();
  }
  await settled(before);
});

it('a client that takes its time for every byte gets its disk, and holds nobody up', async () => {
  const before = sturdy.openFiles();
  const client = await TestClient.connect(port);
  await client.greet();
  await client.startTls();
  const read = encodeRequest({ command: COMMAND.read, flags: 0, cookie: 7n, offset: 0, length: 512 });
  const bytes = Buffer.concat([encodeOption(OPTION.go, encodeExportRequest({ name, wanted: [] })), read]);
  for (let at = 0; at < bytes.length; at++) {
    client.send(bytes.subarray(at, at + 1));
    await sleep(5);
  }
  const began = performance.now();
  expect(await sturdy.rpc.call('host.get_all')).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(2_000);
  client.socket.end();
  await client.hungUp();
  await settled(before);
});

it('clients that go away while they are answered', async () => {
  const before = sturdy.openFiles();
  for (let batch = 0; batch < 3; batch++) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const client = await reader();
        for (let i = 0; i < 20; i++) client.ask(COMMAND.read, i * MIB, MIB);
        await client.take(100);
        if (n % 2 === 0) client.close();
        else client.socket.end();
      }),
    );
  }
  await settled(before);
});

it('clients that ask for gigabytes and take nothing cost little memory, and hold nobody up', async () => {
  const before = sturdy.openFiles();
  const memory = sturdy.resident();
  const clients = await Promise.all(Array.from({ length: 10 }, () => reader()));
  for (const client of clients) {
    client.socket.pause();
    for (let i = 0; i < 200; i++) client.ask(COMMAND.read, i * 32 * MIB, 32 * MIB);
  }
  await sleep(1000);
  const began = performance.now();
  expect(await sturdy.rpc.call('host.get_all')).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(sturdy.resident() - memory).toBeLessThan(256);
  for (const client of clients) client.close();
  await settled(before);
});

it('names that are none, and sessions that are over', async () => {
  const before = sturdy.openFiles();
  const session = /session_id=(.*)$/.exec(name)?.[1] ?? '';
  const names = [
    '',
    '/',
    '?',
    name.slice(1, 30),
    `/${'x'.repeat(4000)}?session_id=${session}`,
    `${name}x`,
    '\0',
    `/../..?session_id=${session}`,
  ];
  for (const wrong of names) {
    const client = await TestClient.connect(port);
    await client.greet();
    await client.startTls();
    expect((await client.go(wrong)).type).toBeGreaterThan(OPTION_REPLY.error);
    client.send(encodeOption(OPTION.exportName, Buffer.from(wrong)));
    await client.hungUp();
  }
  await settled(before);
});
