import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeClientMessage } from '../src/wire/xe/encode.js';
import { encodeHello } from '../src/wire/xe/hello.js';
import { encodeRequest } from '../src/wire/xe/request.js';
import { PASSWORD } from '../test-support/daemon.js';
import { xeLine } from '../test-support/xe-lines.js';
import { sendRaw } from './support/raw-request.js';
import { sturdyDaemon } from './support/sturdy-daemon.js';

// Command lines that go wrong: whatever happens, nobody is held up and no session, task or connection is left.
const sturdy = sturdyDaemon('hosts=1,vms=300');

const line = (...words: string[]) =>
  Buffer.concat([encodeRequest([...words, 'username=root', `password=${PASSWORD}`], {}), encodeHello()]);
const xe = (...words: string[]) => xeLine(sturdy.daemon.port, PASSWORD, ...words);

async function open(): Promise<Socket> {
  const socket = connect(sturdy.daemon.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sessions of command lines, tasks and open files are as few as they were. */
async function nothingLeft(files: number): Promise<void> {
  const left = async () => {
    const sessions = await sturdy.rpc.call<Record<string, { originator: string }>>('session.get_all_records').catch(() => ({}));
    return {
      sessions: Object.values(sessions).filter(({ originator }) => originator === 'cli').length,
      tasks: Object.keys(await sturdy.rpc.call<object>('task.get_all_records')).length,
      files: sturdy.openFiles() <= files + 2,
    };
  };
  await expect.poll(left, { timeout: 20_000 }).toEqual({ sessions: 0, tasks: 0, files: true });
}

describe('a connection', () => {
  it.each([
    ['another version', Buffer.from('XenSource thin CLI protocol\x01\0\0\0\0\0\0\0', 'latin1')],
    ['a hello of something else', Buffer.alloc(35, 'x')],
  ])('with %s is closed without an exit code', async (_, hello) => {
    const files = sturdy.openFiles();
    const { text, closed } = await sendRaw(sturdy.daemon.port, Buffer.concat([encodeRequest(['host-list'], {}), hello]));
    expect(closed).toBe(true);
    expect(text).toBe(encodeHello().toString('utf8'));
    await nothingLeft(files);
  });

  it.each(['-1', '0x10', '204801', '99999999999', '', '10, 10'])('with a length of %j is closed', async (length) => {
    const head = `POST /cli HTTP/1.0\r\ncontent-length: ${length}\r\n\r\nhost-list`;
    expect(await sendRaw(sturdy.daemon.port, head)).toEqual({ text: '', closed: true });
  });

  it('with random bytes after any beginning comes to its end', async () => {
    const files = sturdy.openFiles();
    const request = line('host-list');
    for (let batch = 0; batch < 10; batch++) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = await open();
          socket.resume();
          socket.write(Buffer.concat([request.subarray(0, randomInt(19, request.length)), randomBytes(randomInt(1, 500))]));
          await Promise.race([once(socket, 'close'), sleep(300)]);
          socket.destroy();
        }),
      );
    }
    await nothingLeft(files);
    expect((await xe('host-list', '--minimal')).code).toBe(0);
  });

  it('that closes after any part of its request leaves nothing', async () => {
    const files = sturdy.openFiles();
    const request = line('host-list');
    for (let length = 1; length < request.length; length += 9) {
      const socket = await open();
      socket.end(request.subarray(0, length));
      socket.resume();
      await Promise.race([once(socket, 'close'), sleep(50)]);
      socket.destroy();
    }
    await nothingLeft(files);
  });
});

describe('a client', () => {
  it('that goes in the middle of a listing leaves nothing', async () => {
    const files = sturdy.openFiles();
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const socket = await open();
        socket.write(line('vm-list', 'params=all'));
        await once(socket, 'data');
        if (n % 2 === 0) socket.destroy();
        else socket.resetAndDestroy();
      }),
    );
    await nothingLeft(files);
  });

  it('that does not read a listing holds nobody up', async () => {
    const files = sturdy.openFiles();
    const sockets = await Promise.all(Array.from({ length: 10 }, open));
    for (const socket of sockets) {
      socket.pause();
      socket.write(line('vm-list', 'params=all'));
    }
    const began = performance.now();
    expect((await xe('host-list', '--minimal')).out).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(performance.now() - began).toBeLessThan(5_000);
    for (const socket of sockets) socket.destroy();
    await nothingLeft(files);
  });

  it('that is killed at a prompt changes nothing', async () => {
    const files = sturdy.openFiles();
    const socket = await open();
    socket.write(line('vm-uninstall', 'vm=vm-001'));
    await once(socket, 'data');
    await sleep(200);
    socket.destroy();
    await nothingLeft(files);
    expect((await xe('vm-list', 'name-label=vm-001', '--minimal')).out).not.toBe('\n');
  });

  it('that answers with nonsense is cut off and leaves nothing', async () => {
    const files = sturdy.openFiles();
    for (const answer of [
      Buffer.from('ffffffff', 'hex'),
      Buffer.from('ffffff7f', 'hex'),
      encodeClientMessage({ kind: 'ok' }),
      encodeClientMessage({ kind: 'chunk', size: 2 ** 31 - 1 }),
      Buffer.concat([encodeClientMessage({ kind: 'chunk', size: -5 }), Buffer.alloc(100)]),
    ]) {
      const { text, closed } = await sendRaw(
        sturdy.daemon.port,
        Buffer.concat([line('vm-uninstall', 'vm=vm-001'), answer]),
        5_000,
      );
      expect(closed).toBe(true);
      expect(text).not.toContain('All objects destroyed');
    }
    await nothingLeft(files);
  });

  it('that is killed while it waits for an event leaves nothing', async () => {
    const files = sturdy.openFiles();
    const sockets = await Promise.all(Array.from({ length: 5 }, open));
    for (const socket of sockets) socket.write(line('event-wait', 'class=vm', 'name-label=never'));
    await sleep(500);
    for (const socket of sockets) socket.destroy();
    await nothingLeft(files);
  });

  it('that is killed when it is to fetch a file leaves no task', async () => {
    const files = sturdy.openFiles();
    const socket = await open();
    socket.write(line('pool-dump-database', 'file-name=/nowhere'));
    const shown: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => shown.push(bytes));
    await expect.poll(() => Buffer.concat(shown).toString('latin1'), { timeout: 10_000 }).toContain('task_id=');
    expect(Object.keys(await sturdy.rpc.call<object>('task.get_all_records'))).toHaveLength(1);
    socket.destroy();
    await nothingLeft(files);
  });

  it('that sends a file without end is stopped', async () => {
    const files = sturdy.openFiles();
    const socket = await open();
    socket.write(line('pool-install-ca-certificate', 'filename=/dev/zero'));
    socket.write(Buffer.concat([encodeClientMessage({ kind: 'ok' }), encodeClientMessage({ kind: 'chunk', size: 2 ** 31 - 1 })]));
    const shown: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => shown.push(bytes));
    const zeros = Buffer.alloc(1 << 20);
    const before = sturdy.resident();
    for (let sent = 0; sent < 64 && !socket.destroyed; sent++) {
      if (!socket.write(zeros)) await Promise.race([once(socket, 'drain'), once(socket, 'close'), sleep(5_000)]);
    }
    await expect.poll(() => Buffer.concat(shown).toString('latin1'), { timeout: 10_000 }).toContain('Error: ');
    expect(sturdy.resident() - before).toBeLessThan(200);
    socket.destroy();
    await nothingLeft(files);
  });
});

it('a client that sends a file in chunks of nothing is stopped', async () => {
  const files = sturdy.openFiles();
  const socket = await open();
  socket.write(line('pool-install-ca-certificate', 'filename=/dev/zero'));
  socket.write(encodeClientMessage({ kind: 'ok' }));
  const shown: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => shown.push(bytes));
  const chunks = Buffer.concat(Array.from({ length: 50_000 }, () => encodeClientMessage({ kind: 'chunk', size: 0 })));
  const before = sturdy.resident();
  for (let sent = 0; sent < 20 && !socket.destroyed; sent++) {
    if (!socket.write(chunks)) await Promise.race([once(socket, 'drain'), once(socket, 'close'), sleep(5_000)]);
  }
  await expect.poll(() => Buffer.concat(shown).toString('latin1'), { timeout: 10_000 }).toContain('Error: ');
  expect(sturdy.resident() - before).toBeLessThan(100);
  socket.destroy();
  await nothingLeft(files);
});

describe('a command line', () => {
  it.each([
    ['nothing at all', []],
    ['an unknown command', ['no-such-command', 'uuid=x']],
    ['a command of another class', ['__proto__-list']],
    ['a name of an object of the language', ['constructor']],
    ['a missing parameter', ['vm-param-set']],
    ['a field that is none', ['vm-param-get', 'uuid=x', 'param-name=__proto__']],
    ['a single hyphen', ['vm-list', '-x']],
  ])('with %s ends with an error', async (_, words) => {
    const { code, err, out } = await xe(...words);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).not.toBe('');
  });

  it('may have control characters in its values', async () => {
    const label = 'a\x00b\x1b[31m\x7f\u0085é';
    const { code, out } = await xe('secret-create', `value=${label}`);
    expect(code).toBe(0);
    const uuid = out.trim();
    expect((await xe('secret-param-get', `uuid=${uuid}`, 'param-name=value')).out).toBe(`${label}\n`);
    expect((await xe('secret-destroy', `uuid=${uuid}`)).code).toBe(0);
  });

  it('with a parameter twice takes the first', async () => {
    const { out } = await xe('vm-list', 'params=name-label', 'params=uuid', 'name-label=vm-001', '--minimal');
    expect(out).toBe('vm-001\n');
  });

  it('with bytes that are no text is read all the same', async () => {
    const body = Buffer.concat([
      Buffer.from('vm-list\nname-label='),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.from(`\nusername=root\npassword=${PASSWORD}`),
    ]);
    const head = Buffer.from(`POST /cli HTTP/1.0\r\ncontent-length: ${body.length}\r\n\r\n`);
    const { closed } = await sendRaw(sturdy.daemon.port, Buffer.concat([head, body, encodeHello()]), 5_000);
    expect(closed).toBe(true);
  });

  it('of thousands of words is taken or refused, and fast', async () => {
    const began = performance.now();
    const { code } = await xe('vm-list', ...Array.from({ length: 15_000 }, (_, n) => `a${n}=b`));
    expect(code).toBe(1);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('gets no more help the more often it asks, and nobody needs a login for that', async () => {
    const most = (await xe('help', 'vm-list')).out.length;
    const { code, out } = await xe('help', ...Array.from({ length: 4_000 }, () => 'vm-list'));
    expect({ code, length: out.length }).toEqual({ code: 0, length: most });
    expect((await xe('help', ...Array.from({ length: 20_000 }, () => 'vm-list'))).code).toBe(1);
  });
});

it('a hundred command lines at once are all answered', async () => {
  const files = sturdy.openFiles();
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => xe('vm-list', '--minimal')));
  expect(new Set(outcomes.map(({ out, code }) => `${code} ${out.split(',').length}`))).toEqual(new Set(['0 301']));
  await nothingLeft(files);
});
