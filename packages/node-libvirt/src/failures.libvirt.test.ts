import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, LibvirtClosed, LibvirtTimeout } from './index.js';
import { TestLibvirtd } from './testing/libvirtd.js';

let libvirtd: TestLibvirtd;

beforeAll(async () => {
  libvirtd = await TestLibvirtd.start();
});

afterAll(() => libvirtd.stop());

const TEST = 'test:///default';

describe('a daemon that', () => {
  it('hangs makes calls time out, and is used again when it goes on', async () => {
    const connection = await connect(libvirtd.uri(TEST), { keepAlive: false });
    libvirtd.signal('SIGSTOP');
    try {
      const calls = Array.from({ length: 20 }, () => connection.call('CONNECT_GET_HOSTNAME', {}, { timeout: 200 }));
      const errors = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
      expect(errors.every((error) => error instanceof LibvirtTimeout)).toBe(true);
      await expect(connect(libvirtd.uri(TEST), { timeout: 200 })).rejects.toThrow(LibvirtTimeout);
    } finally {
      libvirtd.signal('SIGCONT');
    }
    expect((await connection.call('CONNECT_GET_TYPE', {})).type).toBe('TEST');
    await connection.close();
  });

  it('hangs for long is given up', async () => {
    const connection = await connect(libvirtd.uri(TEST), { timeout: 0, keepAlive: { interval: 0.1, count: 3 } });
    libvirtd.signal('SIGSTOP');
    try {
      await expect(connection.call('CONNECT_GET_HOSTNAME', {})).rejects.toThrow('no sign of life');
      expect(await connection.closed).toBeInstanceOf(LibvirtClosed);
    } finally {
      libvirtd.signal('SIGCONT');
    }
  });

  it('answers signs of life keeps an idle connection', async () => {
    const connection = await connect(libvirtd.uri(TEST), { keepAlive: { interval: 0.1, count: 10 } });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await connection.call('CONNECT_GET_TYPE', {})).type).toBe('TEST');
    await connection.close();
  });

  it('is killed under load rejects every call, and the next one is connected to anew', async () => {
    const connection = await connect(libvirtd.uri(TEST));
    const { domains } = await connection.call('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags: 0 });
    const [dom] = domains;
    if (dom === undefined) throw new Error('the test driver has a domain');
    let answered = 0;
    const workers = Array.from({ length: 16 }, async () => {
      for (;;) {
        await connection.call('DOMAIN_GET_INFO', { dom });
        answered++;
      }
    });
    const ends = Promise.all(workers.map((worker) => worker.catch((error: unknown) => error)));
    while (answered < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    await libvirtd.kill();
    expect((await ends).every((error) => error instanceof LibvirtClosed)).toBe(true);
    expect(await connection.closed).toBeInstanceOf(LibvirtClosed);
    await expect(connect(libvirtd.uri(TEST))).rejects.toThrow(LibvirtClosed);
    await libvirtd.run();
    const again = await connect(libvirtd.uri(TEST));
    expect((await again.call('CONNECT_GET_TYPE', {})).type).toBe('TEST');
    await again.close();
  });
});
