import { describe, expect, it } from 'vitest';
import { ApiError } from '../model/error.js';
import { COMMAND, COMMAND_FLAG, NBD_ERROR } from '../wire/nbd/numbers.js';
import { nbdBench, SIZE } from './testing/bench.js';

const KIB = 1024;
const bench = nbdBench();

describe('data', () => {
  it.each([true, false])('is the same in any piece of the disk (in parts: %s)', async (structured) => {
    const client = await bench.opened({ structured });
    for (const [offset, length] of [
      [0, 1],
      [0, SIZE],
      [99 * KIB, 3 * KIB],
      [500 * KIB, 512],
      [SIZE - 1, 1],
      [700 * KIB, 1500 * KIB],
    ] as const) {
      client.ask(COMMAND.read, offset, length, { cookie: 0xfedcba9876543210n });
      const { cookie, error, data } = await client.reply(offset, length);
      expect({ cookie, error }).toEqual({ cookie: 0xfedcba9876543210n, error: 0 });
      expect(data.equals(bench.exports.bytes.subarray(offset, offset + length))).toBe(true);
    }
    expect(bench.exports.used).toBe(6);
  });

  it('has holes as such, unless all is to come at once', async () => {
    const client = await bench.opened();
    client.ask(COMMAND.read, 0, SIZE);
    expect((await client.reply(0, SIZE)).holes).toBeGreaterThanOrEqual(2);
    client.ask(COMMAND.read, 50 * KIB, 200 * KIB, { flags: COMMAND_FLAG.dontFragment });
    const { data, holes } = await client.reply(50 * KIB, 200 * KIB);
    expect(holes).toBe(0);
    expect(data.equals(bench.exports.bytes.subarray(50 * KIB, 250 * KIB))).toBe(true);
    client.ask(COMMAND.read, 0, 300 * KIB, { flags: COMMAND_FLAG.dontFragment });
    expect((await client.reply()).error).toBe(NBD_ERROR.overflow);
  });

  it('comes in the order in which it was asked for', async () => {
    const client = await bench.opened();
    for (let i = 0; i < 200; i++) client.ask(COMMAND.read, i * 1000, 1000, { cookie: BigInt(i) });
    for (let i = 0; i < 200; i++) {
      const { cookie, data } = await client.reply(i * 1000, 1000);
      expect(cookie).toBe(BigInt(i));
      expect(data.equals(bench.exports.bytes.subarray(i * 1000, i * 1000 + 1000))).toBe(true);
    }
  });

  it('is told to be there or not', async () => {
    const client = await bench.opened();
    client.ask(COMMAND.blockStatus, 96 * KIB, 1000 * KIB);
    expect((await client.reply()).blocks).toEqual([
      { length: 4 * KIB, state: 0 },
      { length: 900 * KIB, state: 3 },
      { length: 96 * KIB, state: 0 },
    ]);
    client.ask(COMMAND.blockStatus, 96 * KIB, 1000 * KIB, { flags: COMMAND_FLAG.requestOne });
    expect((await client.reply()).blocks).toEqual([{ length: 4 * KIB, state: 0 }]);
    const simple = await bench.opened({ structured: false });
    simple.ask(COMMAND.blockStatus, 0, 1000);
    expect((await simple.reply()).error).toBe(NBD_ERROR.invalid);
  });

  it.each([true, false])('is only read (in parts: %s)', async (structured) => {
    const client = await bench.opened({ structured });
    client.ask(COMMAND.write, 0, 100_000);
    client.send(Buffer.alloc(100_000, 'x'));
    expect((await client.reply()).error).toBe(NBD_ERROR.permission);
    for (const command of [COMMAND.trim, COMMAND.writeZeroes]) {
      client.ask(command, 0, 4096);
      expect((await client.reply()).error).toBe(NBD_ERROR.permission);
    }
    client.ask(COMMAND.flush, 0, 0);
    expect((await client.reply()).error).toBe(0);
  });

  it.each([
    ['behind the end', COMMAND.read, SIZE, 1],
    ['across the end', COMMAND.read, SIZE - 1, 2],
    ['beyond all numbers', COMMAND.read, 2 ** 63, 0xffffffff],
    ['nothing', COMMAND.read, 0, 0],
    ['blocks behind the end', COMMAND.blockStatus, SIZE, 1],
    ['no command', 77, 0, 512],
    ['to prefetch', COMMAND.cache, 0, 512],
  ])('is refused: %s', async (_, command, offset, length) => {
    const client = await bench.opened();
    client.ask(command, offset, length);
    expect((await client.reply()).error).toBe(NBD_ERROR.invalid);
    client.ask(COMMAND.read, 0, 10);
    expect((await client.reply(0, 10)).data).toEqual(bench.exports.bytes.subarray(0, 10));
  });

  it('that cannot be read is told, or the connection ends where that is too late', async () => {
    bench.exports.reading = async () => {
      throw new ApiError('VDI_IO_ERROR', 'broken');
    };
    const client = await bench.opened();
    client.ask(COMMAND.read, 0, 10);
    expect((await client.reply(0, 10)).error).toBe(NBD_ERROR.io);
    const simple = await bench.opened({ structured: false });
    simple.ask(COMMAND.read, 0, 10);
    expect((await simple.reply(0, 10)).error).toBe(NBD_ERROR.io);
    let reads = 0;
    bench.exports.reading = async () => {
      if (++reads > 2) throw new ApiError('VDI_IO_ERROR', 'broken');
    };
    simple.ask(COMMAND.read, 1000 * KIB, 900 * KIB);
    await expect(simple.reply(0, 900 * KIB)).rejects.toThrow('hung up');
  });
});
