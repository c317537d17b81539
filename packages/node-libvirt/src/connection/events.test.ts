import { describe, expect, it, vi } from 'vitest';
import { Program } from '../protocol/procedure.js';
import { domain } from '../protocol/references.js';
import type { FakeDaemon } from '../testing/fake-daemon.js';
import { DOM, daemons } from '../testing/with-daemon.js';
import { XdrWriter } from '../xdr/xdr-writer.js';
import { MessageType } from './message.js';

const started = daemons();

const REGISTER = 'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY';
const DEREGISTER = 'CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY';

/** Tells of a lifecycle event as a callback of the daemon. */
function tell(daemon: FakeDaemon, callbackID: number, event: number, procedure = 318): void {
  const writer = new XdrWriter();
  writer.int(callbackID);
  domain.write(writer, DOM);
  writer.int(event);
  writer.int(0);
  daemon.send({ program: Program.REMOTE, procedure, type: MessageType.EVENT, serial: 0, status: 0 }, writer.bytes());
}

/** Lets everything that the daemon has sent arrive. */
async function settle(
  daemon: FakeDaemon,
  connection: { call: (name: 'CONNECT_GET_HOSTNAME', args: object) => Promise<unknown> },
) {
  const call = connection.call('CONNECT_GET_HOSTNAME', {});
  daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
  await call;
}

describe('events', () => {
  it('are told with the members that the protocol has', async () => {
    const { daemon, connection } = await started();
    const events: unknown[] = [];
    const listening = connection.onDomainEvent('LIFECYCLE', (event) => events.push(event), DOM);
    const register = await daemon.next(REGISTER);
    expect(register.args).toEqual({ eventID: 0, dom: DOM });
    daemon.reply(register, { callbackID: 7 });
    await listening;
    tell(daemon, 7, 2);
    tell(daemon, 8, 5);
    await settle(daemon, connection);
    expect(events).toEqual([{ dom: DOM, event: 2, detail: 0 }]);
  });

  it('that come before the answer to the request are told, too', async () => {
    const { daemon, connection } = await started();
    const events: number[] = [];
    const listening = connection.onDomainEvent('LIFECYCLE', ({ event }) => events.push(event));
    const register = await daemon.next(REGISTER);
    tell(daemon, 7, 1);
    tell(daemon, 9, 6);
    daemon.reply(register, { callbackID: 7 });
    tell(daemon, 7, 2);
    await listening;
    await settle(daemon, connection);
    expect(events).toEqual([1, 2]);
  });

  it('are asked for once, however many listen, and no longer when nobody does', async () => {
    const { daemon, connection } = await started({}, { [REGISTER]: { callbackID: 7 }, [DEREGISTER]: undefined });
    const events: string[] = [];
    const [first, second] = await Promise.all([
      connection.onDomainEvent('LIFECYCLE', ({ event }) => events.push(`a${event}`)),
      connection.onDomainEvent('LIFECYCLE', ({ event }) => events.push(`b${event}`)),
    ]);
    tell(daemon, 7, 1);
    await settle(daemon, connection);
    await first();
    await first();
    tell(daemon, 7, 2);
    await settle(daemon, connection);
    const ended = second();
    const again = connection.onDomainEvent('LIFECYCLE', ({ event }) => events.push(`c${event}`));
    await Promise.all([ended, again]);
    tell(daemon, 7, 3);
    await settle(daemon, connection);
    expect(events).toEqual(['a1', 'b1', 'b2', 'c3']);
    const names = daemon.calls.map(({ name }) => name).filter((name) => name === REGISTER || name === DEREGISTER);
    expect(names).toEqual([REGISTER, DEREGISTER, REGISTER]);
  });

  it('that cannot be had reject, and can be asked for again', async () => {
    const { daemon, connection } = await started();
    const refused = connection.onDomainEvent('LIFECYCLE', () => undefined);
    daemon.replyError(await daemon.next(REGISTER), 3, 'no events here');
    await expect(refused).rejects.toThrow('no events here');
    const listening = connection.onDomainEvent('LIFECYCLE', () => undefined);
    daemon.reply(await daemon.next(REGISTER), { callbackID: 1 });
    await listening;
  });

  it('that nobody knows are passed over', async () => {
    const { daemon, connection } = await started();
    tell(daemon, 7, 1, 4000);
    await settle(daemon, connection);
  });

  it('whose listener throws do not disturb the connection', async () => {
    const { daemon, connection } = await started({}, { [REGISTER]: { callbackID: 7 } });
    const thrown = vi.fn();
    process.removeAllListeners('uncaughtException').once('uncaughtException', thrown);
    await connection.onDomainEvent('LIFECYCLE', () => {
      throw new Error('a mistake of the listener');
    });
    tell(daemon, 7, 1);
    await settle(daemon, connection);
    expect(thrown.mock.calls[0]?.[0]).toEqual(new Error('a mistake of the listener'));
  });

  it('end silently with the connection', async () => {
    const { daemon, connection } = await started({}, { [REGISTER]: { callbackID: 7 } });
    const end = await connection.onDomainEvent('LIFECYCLE', () => undefined);
    daemon.socket.destroy();
    await connection.closed;
    await end();
  });
});
