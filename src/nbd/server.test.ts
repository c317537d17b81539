import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeClientFlags } from '../wire/nbd/greeting.js';
import { COMMAND, LENGTH, OPTION } from '../wire/nbd/numbers.js';
import { encodeOption } from '../wire/nbd/options.js';
import { nbdBench, SIZE } from './testing/bench.js';

const KIB = 1024;
const bench = nbdBench();

describe('connections end', () => {
  it('when the client says good-bye, after what it has asked for', async () => {
    const client = await bench.opened();
    client.ask(COMMAND.read, 0, 1000);
    client.ask(COMMAND.disconnect, 0, 0);
    expect((await client.reply(0, 1000)).error).toBe(0);
    await client.hungUp();
  });

  it.each([true, false])('when the client has closed its side while it was answered (in TLS: %s)', async (isSecure) => {
    await bench.restart({ requests: 1 });
    let read: () => void = () => undefined;
    bench.exports.reading = () =>
      new Promise((resolve) => {
        read = resolve;
      });
    const client = await bench.greeted();
    if (isSecure) await client.startTls();
    await client.go('disk');
    client.ask(COMMAND.read, 0, 1000);
    client.ask(COMMAND.flush, 0, 0);
    client.socket.end();
    await expect.poll(() => bench.exports.used).toBe(1);
    await sleep(50);
    read();
    await client.hungUp();
  });

  it('when the client may read no more', async () => {
    const client = await bench.opened();
    bench.exports.end.abort();
    await client.hungUp();
  });

  it('when the server does', async () => {
    const client = await bench.opened();
    const talking = await bench.greeted();
    await bench.server.close();
    await Promise.all([client.hungUp(), talking.hungUp()]);
  });

  it('while a disk is being read', async () => {
    let read: () => void = () => undefined;
    bench.exports.reading = () =>
      new Promise((resolve) => {
        read = resolve;
      });
    const client = await bench.opened();
    client.ask(COMMAND.read, 0, 1000);
    await expect.poll(() => bench.exports.used).toBe(1);
    client.close();
    await expect.poll(() => bench.exports.readers).toBe(0);
    read();
  });

  const hostile: readonly [string, readonly Buffer[]][] = [
    ['flags that nobody offered', [encodeClientFlags(0x80000001)]],
    ['no option', [encodeClientFlags(3), Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['an option with too much data', [encodeClientFlags(3), encodeOption(OPTION.go, Buffer.alloc(20_000))]],
    ['a length without end', [encodeClientFlags(3), encodeOption(OPTION.go).fill(0xff, 12)]],
    ['options without end', [encodeClientFlags(3), ...Array.from({ length: 100 }, () => encodeOption(OPTION.list))]],
    ['options of a client that knows none', [encodeClientFlags(0), encodeOption(OPTION.go, Buffer.alloc(6))]],
  ];
  it.each(hostile)('at %s', async (_, bytes) => {
    const client = await bench.connected();
    client.send(...bytes);
    await client.hungUp();
  });

  it('at something that is no request, or too much to write', async () => {
    const client = await bench.opened();
    client.send(Buffer.alloc(LENGTH.request, 'x'));
    await client.hungUp();
    const writing = await bench.opened();
    writing.ask(COMMAND.write, 0, 2 ** 31);
    await writing.hungUp();
  });

  it('when clients take too long: to agree, within a request, to take an answer', async () => {
    await bench.restart({ handshakeTime: 200, stallTime: 200 });
    await (await bench.greeted()).hungUp();
    const client = await bench.opened();
    await sleep(300);
    client.ask(COMMAND.flush, 0, 0);
    expect((await client.reply()).error).toBe(0);
    client.send(Buffer.from('half a request'));
    await client.hungUp();
    const deaf = await bench.opened();
    deaf.socket.pause();
    for (let i = 0; i < 60; i++) deaf.ask(COMMAND.read, 1000 * KIB, 900 * KIB);
    await expect.poll(() => bench.exports.readers).toBe(0);
  });
});

it('holds no more of an answer than it may, whatever a client asks ahead', async () => {
  await bench.restart({ inFlight: 600 * KIB, requests: 4 });
  let [reading, most] = [0, 0];
  bench.exports.reading = async () => {
    most = Math.max(most, ++reading);
    await sleep(2);
    reading--;
  };
  const client = await bench.opened({ structured: false });
  for (let i = 0; i < 50; i++) client.ask(COMMAND.read, 1000 * KIB, 100 * KIB);
  for (let i = 0; i < 50; i++) expect((await client.reply(1000 * KIB, 100 * KIB)).error).toBe(0);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});

it('serves twenty clients at once, and no more than it may', async () => {
  await bench.restart({ connections: 20 });
  const readers = await Promise.all(Array.from({ length: 20 }, () => bench.opened()));
  const late = await bench.connected();
  await late.hungUp();
  await Promise.all(
    readers.map(async (client) => {
      client.ask(COMMAND.read, 0, SIZE);
      expect((await client.reply(0, SIZE)).data.equals(bench.exports.bytes)).toBe(true);
    }),
  );
});
