import { describe, expect, it } from 'vitest';
import { LibvirtClosed, LibvirtError, LibvirtTimeout } from '../errors.js';
import { Program } from '../protocol/procedure.js';
import { FakeDaemon } from '../testing/fake-daemon.js';
import { cleanUp, daemons } from '../testing/with-daemon.js';
import { dial } from '../transport/dial.js';
import { connect } from './connect.js';
import { MessageType } from './message.js';

const later = cleanUp();
const started = daemons();

async function fake(answers = {}): Promise<FakeDaemon> {
  const daemon = await FakeDaemon.start(answers);
  later(() => daemon.stop());
  return daemon;
}

const PING = { program: Program.KEEPALIVE, procedure: 1, type: MessageType.EVENT, serial: 0, status: 0 };

describe('connecting', () => {
  it('asks how to authenticate, for signs of life, and opens the driver', async () => {
    const daemon = await fake();
    const connection = await connect(daemon.uri, { readOnly: true });
    expect(daemon.calls.map(({ name, args }) => [name, args])).toEqual([
      ['AUTH_LIST', {}],
      ['CONNECT_SUPPORTS_FEATURE', { feature: 10 }],
      ['CONNECT_OPEN', { name: 'qemu:///system', flags: 1 }],
    ]);
    await connection.close();
  });

  it('uses polkit on a socket of this machine', async () => {
    const daemon = await fake({ AUTH_LIST: { types: [2] }, AUTH_POLKIT: { complete: 1 } });
    const connection = await connect(daemon.uri);
    expect(daemon.calls.map(({ name }) => name).slice(0, 2)).toEqual(['AUTH_LIST', 'AUTH_POLKIT']);
    await connection.close();
  });

  it('is refused where SASL is asked for', async () => {
    const daemon = await fake({ AUTH_LIST: { types: [1] } });
    const connecting = connect(daemon.uri);
    await expect(connecting).rejects.toThrow(LibvirtError);
    await expect(connecting).rejects.toThrow('authentication that this client does not have: SASL');
  });

  it('rejects when polkit says no', async () => {
    const daemon = await fake({ AUTH_LIST: { types: [2] }, AUTH_POLKIT: { complete: 0 } });
    await expect(connect(daemon.uri)).rejects.toThrow('polkit does not allow');
  });

  it('rejects when there is no socket', async () => {
    await expect(connect('qemu:///system?socket=/nowhere/socket')).rejects.toThrow(LibvirtClosed);
    await expect(connect('qemu+tcp://127.0.0.1:1/system')).rejects.toThrow(LibvirtClosed);
  });

  it('takes the socket that answers where there are several', async () => {
    const daemon = await fake();
    const path = new URL(daemon.uri).searchParams.get('socket') ?? '';
    const signal = new AbortController().signal;
    const target = { transport: 'unix', name: 'qemu:///system', paths: ['/nowhere/socket', path] } as const;
    const socket = await dial(target, { signal });
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  it('has a limit', async () => {
    const silent = { AUTH_LIST: { types: [2] } };
    const daemon = await fake(silent);
    await expect(connect(daemon.uri, { timeout: 30 })).rejects.toThrow(LibvirtTimeout);
  });

  it('can be given up', async () => {
    const daemon = await fake({ AUTH_LIST: { types: [2] } });
    const giveUp = new AbortController();
    const connecting = connect(daemon.uri, { signal: giveUp.signal });
    await daemon.next('AUTH_POLKIT');
    giveUp.abort(new Error('no longer needed'));
    await expect(connecting).rejects.toThrow('no longer needed');
  });
});

describe('signs of life', () => {
  it('are given to a daemon that asks', async () => {
    const { daemon } = await started();
    daemon.send(PING);
    expect(await daemon.nextMessage(({ program }) => program === Program.KEEPALIVE)).toMatchObject({ ...PING, procedure: 2 });
  });

  it('are asked of a daemon that is silent, and keep the connection while they come', async () => {
    const { daemon, connection } = await started({ keepAlive: { interval: 0.01, count: 5 } });
    for (let i = 0; i < 10; i++) {
      await daemon.nextMessage(({ procedure }) => procedure === 1);
      daemon.send({ ...PING, procedure: 2 });
    }
    const call = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    expect(await call).toEqual({ hostname: 'kvm1' });
  });

  it('end the connection when none comes', async () => {
    const { daemon, connection } = await started({ keepAlive: { interval: 0.01, count: 2 } });
    const call = connection.call('CONNECT_GET_HOSTNAME', {});
    await expect(call).rejects.toThrow('no sign of life');
    expect(await connection.closed).toBeInstanceOf(LibvirtClosed);
    for (let i = 0; i < 2; i++)
      await daemon.nextMessage(({ program, procedure }) => program === Program.KEEPALIVE && procedure === 1);
    expect(daemon.messages).toHaveLength(2);
  });

  it('are not asked of a daemon that does not know them', async () => {
    const options = { keepAlive: { interval: 0.005, count: 1 } };
    const { daemon } = await started(options, { CONNECT_SUPPORTS_FEATURE: { supported: 0 } });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(daemon.messages).toEqual([]);
  });
});
