import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalCounters } from './local-counters.js';

const STAT = `cpu  30 2 20 400 8 0 5 0 0 0
cpu0 10 1 10 200 4 1 2 3 50 0
cpu1 20 1 10 200 4 0 3 0 0 0
intr 12345
`;
const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0
  eth0:123456 10 3 0 0 0 0 0 654321 20 4 0 0 0 0 0
 bond0: 9 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
 vnet7: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0
`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kernel-'));
  await mkdir(join(directory, 'proc/net'), { recursive: true });
  for (const path of ['eth0/device', 'bond0', 'vnet7', 'lo'])
    await mkdir(join(directory, 'sys/class/net', path), { recursive: true });
  const write = (name: string, text: string) => writeFile(join(directory, 'proc', name), text);
  await write('stat', STAT);
  await write('loadavg', '0.25 0.10 0.05 1/200 4242\n');
  await write('meminfo', 'MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    9000 kB\n');
  await write('net/dev', NET);
  await writeFile(join(directory, 'sys/class/net/bond0/uevent'), 'DEVTYPE=bond\nINTERFACE=bond0\n');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const files = () => ({ proc: join(directory, 'proc'), sys: join(directory, 'sys') });

describe('counters of this machine', () => {
  it('come from its kernel; cards are what there is hardware or a bond for', async () => {
    expect(await new LocalCounters(undefined, files()).read()).toEqual({
      cpus: [
        { number: 0, busy: 27, total: 231 },
        { number: 1, busy: 34, total: 238 },
      ],
      load: 0.25,
      memoryTotalKib: 16_000,
      memoryFreeKib: 9000,
      cards: [
        { device: 'eth0', upper: false, received: 123_456, receiveErrors: 3, sent: 654_321, sendErrors: 4 },
        { device: 'bond0', upper: true, received: 9, receiveErrors: 0, sent: 8, sendErrors: 0 },
      ],
    });
  });

  it('have the cards that they are told of', async () => {
    const { cards } = await new LocalCounters(() => ['vnet7', 'gone'], files()).read();
    expect(cards?.map(({ device }) => device)).toEqual(['vnet7']);
  });

  it('are undefined where the kernel says nothing', async () => {
    for (const name of ['stat', 'loadavg', 'meminfo', 'net/dev']) await writeFile(join(directory, 'proc', name), '');
    const nothing = { cpus: [], load: undefined, memoryTotalKib: undefined, memoryFreeKib: undefined, cards: [] };
    expect(await new LocalCounters(undefined, files()).read()).toEqual(nothing);
  });
});
