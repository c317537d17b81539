import { describe, expect, it } from 'vitest';
import { ErrorCode } from '../enums/errors.js';
import { LibvirtBusy, LibvirtClosed, LibvirtError, LibvirtTimeout } from '../errors.js';
import { DOM, daemons } from '../testing/with-daemon.js';
import { XdrError } from '../xdr/xdr-error.js';
import { MessageStatus, MessageType } from './message.js';

const started = daemons();

const INFO = { state: 1, maxMem: 2048, memory: 1024, nrVirtCpu: 2, cpuTime: 5 };

describe('calls', () => {
  it('get the answers that belong to them, in whatever order they come', async () => {
    const { daemon, connection } = await started();
    const xml = connection.call('DOMAIN_GET_XML_DESC', { dom: DOM, flags: 0 });
    const info = connection.call('DOMAIN_GET_INFO', { dom: DOM });
    const create = connection.call('DOMAIN_CREATE', { dom: DOM });
    const first = await daemon.next('DOMAIN_GET_XML_DESC');
    expect(first.args).toEqual({ dom: DOM, flags: 0 });
    daemon.reply(await daemon.next('DOMAIN_CREATE'));
    daemon.reply(await daemon.next('DOMAIN_GET_INFO'), INFO);
    daemon.reply(first, { xml: '<domain/>' });
    expect(await Promise.all([xml, info, create])).toEqual([{ xml: '<domain/>' }, INFO, undefined]);
  });

  it('reject with what libvirt says', async () => {
    const { daemon, connection } = await started();
    const call = connection.call('DOMAIN_CREATE', { dom: DOM });
    daemon.replyError(await daemon.next('DOMAIN_CREATE'), ErrorCode.OPERATION_INVALID, 'domain is already running');
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      code: 55,
      domain: 10,
      level: 2,
      procedure: 'DOMAIN_CREATE',
      message: 'domain is already running',
    });
  });

  it('reject with a trace that leads to the caller', async () => {
    const { daemon, connection } = await started();
    const theCaller = async () => await connection.call('DOMAIN_CREATE', { dom: DOM });
    const calling = theCaller().catch((reason: Error) => reason.stack);
    daemon.replyError(await daemon.next('DOMAIN_CREATE'), ErrorCode.INTERNAL_ERROR, 'no');
    expect(await calling).toContain('theCaller');
  });

  it('that take too long reject, and their late answers are skipped', async () => {
    const { daemon, connection } = await started();
    const slow = connection.call('DOMAIN_GET_INFO', { dom: DOM }, { timeout: 10 });
    await expect(slow).rejects.toThrow(new LibvirtTimeout('DOMAIN_GET_INFO', 10));
    const next = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('DOMAIN_GET_INFO'), INFO);
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    expect(await next).toEqual({ hostname: 'kvm1' });
  });

  it('take as long as the connection says unless they say it themselves', async () => {
    const { connection } = await started({ timeout: 300 });
    const calls = [{}, { timeout: 5 }].map((options) => connection.call('CONNECT_GET_HOSTNAME', {}, options));
    const limits = await Promise.all(calls.map((call) => call.catch((error: LibvirtTimeout) => error.limit)));
    expect(limits).toEqual([300, 5]);
  });

  it('can be given up', async () => {
    const { daemon, connection } = await started();
    const giveUp = new AbortController();
    const call = connection.call('DOMAIN_GET_INFO', { dom: DOM }, { signal: giveUp.signal });
    const received = await daemon.next('DOMAIN_GET_INFO');
    giveUp.abort(new Error('no longer needed'));
    await expect(call).rejects.toThrow('no longer needed');
    daemon.replyError(received, 1, 'too late');
    const given = connection.call('DOMAIN_GET_INFO', { dom: DOM }, { signal: giveUp.signal });
    await expect(given).rejects.toThrow('no longer needed');
    const next = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    await next;
    expect(daemon.calls.filter(({ name }) => name === 'DOMAIN_GET_INFO')).toHaveLength(1);
  });

  it('with arguments that the protocol cannot carry are not sent', async () => {
    const { daemon, connection } = await started();
    const wrong = connection.call('DOMAIN_SET_MEMORY', { dom: DOM, memory: -1 });
    await expect(wrong).rejects.toThrow(new XdrError('-1 where unsigned hyper is needed', 'DOMAIN_SET_MEMORY.memory'));
    expect(daemon.calls.some(({ name }) => name === 'DOMAIN_SET_MEMORY')).toBe(false);
  });

  it('are not sent while a thousand wait for answers', async () => {
    const { daemon, connection } = await started();
    const calls = Array.from({ length: 1024 }, () => connection.call('CONNECT_GET_HOSTNAME', {}));
    await expect(connection.call('CONNECT_GET_HOSTNAME', {})).rejects.toThrow(LibvirtBusy);
    for (const _ of calls) daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    await Promise.all(calls);
    const again = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    expect(await again).toEqual({ hostname: 'kvm1' });
  });

  it('that a daemon is too old for reject as not supported', async () => {
    const { daemon, connection } = await started();
    const call = connection.call('DOMAIN_GET_INFO', { dom: DOM });
    const { header } = await daemon.next('DOMAIN_GET_INFO');
    const text = Buffer.from('unknown procedure: 16');
    const words = [39, 13, 1, text.length].map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(value);
      return bytes;
    });
    const rest = Buffer.alloc(3 + 4 * 8);
    rest.writeInt32BE(2, 3);
    daemon.send({ ...header, type: MessageType.REPLY, status: MessageStatus.ERROR }, Buffer.concat([...words, text, rest]));
    await expect(call).rejects.toMatchObject({ code: ErrorCode.NO_SUPPORT });
  });
});

describe('the end of a connection', () => {
  it('rejects calls in flight and later ones, and is told', async () => {
    const { daemon, connection } = await started();
    const call = connection.call('DOMAIN_GET_INFO', { dom: DOM });
    await daemon.next('DOMAIN_GET_INFO');
    daemon.socket.destroy();
    await expect(call).rejects.toThrow(LibvirtClosed);
    await expect(connection.call('DOMAIN_GET_INFO', { dom: DOM })).rejects.toThrow(LibvirtClosed);
    expect(await connection.closed).toBeInstanceOf(LibvirtClosed);
  });

  it('by close() says good-bye, rejects calls in flight, and is no error', async () => {
    const { daemon, connection } = await started();
    const call = connection.call('DOMAIN_GET_INFO', { dom: DOM });
    const rejected = expect(call).rejects.toThrow(LibvirtClosed);
    await connection.close();
    await rejected;
    expect(await connection.closed).toBeUndefined();
    expect(daemon.calls.at(-1)?.name).toBe('CONNECT_CLOSE');
    await expect(connection.call('CONNECT_GET_HOSTNAME', {})).rejects.toThrow(LibvirtClosed);
    await connection.close();
  });

  it.each<[string, (send: (header: object, payload?: Buffer) => void, raw: (bytes: Buffer) => void) => void]>([
    ['a reply to no call', (send) => send({ serial: 999 })],
    ['a reply to another call', (send) => send({ procedure: 17 })],
    ['a reply with an unknown status', (send) => send({ status: 7 })],
    ['a reply that is too short', (send) => send({}, Buffer.alloc(8))],
    ['a reply that is too long', (send) => send({}, Buffer.alloc(64))],
    ['an unknown type of message', (send) => send({ type: 9 })],
    ['an impossible length', (_send, raw) => raw(Buffer.from('00000001', 'hex'))],
    ['an unknown version', (_send, raw) => raw(Buffer.from('0000001c200080860000000900000010000000010000000400000000', 'hex'))],
    ['text', (_send, raw) => raw(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ])('comes with %s', async (_name, misbehave) => {
    const { daemon, connection } = await started();
    const call = connection.call('DOMAIN_GET_INFO', { dom: DOM });
    const { header } = await daemon.next('DOMAIN_GET_INFO');
    misbehave(
      (wrong, payload) => daemon.send({ ...header, type: MessageType.REPLY, ...wrong }, payload),
      (bytes) => daemon.socket.write(bytes),
    );
    await expect(call).rejects.toThrow("what is not libvirt's protocol");
    expect(await connection.closed).toBeInstanceOf(LibvirtClosed);
  });
});
