import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { LibvirtClosed, LibvirtError, LibvirtTimeout } from '../errors.js';
import { DOM, daemons } from '../testing/with-daemon.js';
import { type Message, MessageStatus, MessageType } from './message.js';

const started = daemons();

const VOL = { pool: 'default', name: 'disk', key: '/disk' };
const DOWNLOAD = { vol: VOL, offset: 0, length: 0, flags: 0 };
const { OK, ERROR, CONTINUE } = MessageStatus;

const ofStream = ({ type }: Message) => type === MessageType.STREAM;
const withStatus = (status: number) => (message: Message) => ofStream(message) && message.status === status;

describe('a stream that is read', () => {
  it('gives all bytes, and ends when the daemon has confirmed it', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_DOWNLOAD');
    // The first bytes may come before the reply.
    daemon.stream(call, CONTINUE, Buffer.from('ab'));
    daemon.reply(call);
    daemon.stream(call, CONTINUE, Buffer.from('cde'));
    daemon.stream(call, CONTINUE);
    const { stream } = await opening;
    expect(stream.writable).toBe(false);
    const read = buffer(stream);
    const end = await daemon.nextMessage(ofStream);
    expect(end).toMatchObject({ serial: call.header.serial, procedure: 209, status: OK });
    daemon.stream(call, OK);
    expect((await read).toString()).toBe('abcde');
  });

  it('fails when the daemon says so at the last moment', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_DOWNLOAD');
    daemon.reply(call);
    daemon.stream(call, CONTINUE, Buffer.from('ab'));
    daemon.stream(call, CONTINUE);
    const read = buffer((await opening).stream);
    await daemon.nextMessage(ofStream);
    daemon.replyError(call, 38, 'the disk broke', MessageType.STREAM);
    await expect(read).rejects.toThrow(LibvirtError);
    await expect(read).rejects.toThrow('the disk broke');
  });

  it('holds the connection up while nobody reads, and loses nothing', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_DOWNLOAD');
    daemon.reply(call);
    const { stream } = await opening;
    const data = randomBytes(40 * 262_120);
    for (let at = 0; at < data.length; at += 262_120) daemon.stream(call, CONTINUE, data.subarray(at, at + 262_120));
    daemon.stream(call, CONTINUE);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stream.readableLength).toBeGreaterThan(0);
    expect(stream.readableLength).toBeLessThan(6 * 262_120);
    expect(daemon.socket.writableLength).toBeGreaterThan(20 * 262_120);
    const read = buffer(stream);
    await daemon.nextMessage(ofStream);
    daemon.stream(call, OK);
    expect((await read).equals(data)).toBe(true);
  });

  it('is aborted when it is destroyed, and the connection goes on', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_DOWNLOAD');
    daemon.reply(call);
    const { stream } = await opening;
    stream.destroy();
    expect(await daemon.nextMessage(ofStream)).toMatchObject({ serial: call.header.serial, status: ERROR });
    daemon.stream(call, CONTINUE, Buffer.from('under way'));
    daemon.stream(call, OK);
    const next = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    expect(await next).toEqual({ hostname: 'kvm1' });
  });

  it('that is destroyed while it holds the connection up lets it go on', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_DOWNLOAD');
    daemon.reply(call);
    const { stream } = await opening;
    for (let i = 0; i < 10; i++) daemon.stream(call, CONTINUE, Buffer.alloc(262_120));
    const next = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    stream.destroy();
    expect(await next).toEqual({ hostname: 'kvm1' });
  });

  it('that turns out to be sparse fails alone', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', { ...DOWNLOAD, flags: 1 });
    const call = await daemon.next('STORAGE_VOL_DOWNLOAD');
    daemon.reply(call);
    const read = buffer((await opening).stream);
    daemon.send({ ...call.header, type: MessageType.STREAM_HOLE, status: CONTINUE }, Buffer.alloc(12));
    await expect(read).rejects.toThrow('sparse');
    expect(await daemon.nextMessage(ofStream)).toMatchObject({ status: ERROR });
    const next = connection.call('CONNECT_GET_HOSTNAME', {});
    daemon.reply(await daemon.next('CONNECT_GET_HOSTNAME'), { hostname: 'kvm1' });
    await next;
  });

  it('fails with the connection', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_DOWNLOAD', DOWNLOAD);
    daemon.reply(await daemon.next('STORAGE_VOL_DOWNLOAD'));
    const read = buffer((await opening).stream);
    daemon.socket.destroy();
    await expect(read).rejects.toThrow(LibvirtClosed);
  });
});

describe('a stream that is written', () => {
  it('sends pieces that every libvirt takes, and finishes when the daemon has confirmed it', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_UPLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_UPLOAD');
    daemon.reply(call);
    const { stream } = await opening;
    expect(stream.readable).toBe(false);
    const data = randomBytes(1_000_000);
    let finished = false;
    const written = pipeline([data], stream).then(() => {
      finished = true;
    });
    await daemon.nextMessage(withStatus(OK));
    const pieces = daemon.messages.filter(withStatus(CONTINUE)).map(({ payload }) => payload.rest());
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(262_120);
    expect(Buffer.concat(pieces).equals(data)).toBe(true);
    expect(finished).toBe(false);
    daemon.stream(call, OK);
    await written;
  });

  it('waits while the daemon does not take the bytes', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_UPLOAD', DOWNLOAD);
    daemon.reply(await daemon.next('STORAGE_VOL_UPLOAD'));
    const { stream } = await opening;
    daemon.socket.pause();
    let written = 0;
    while (written < 200 && stream.write(Buffer.alloc(262_120))) written++;
    expect(written).toBeLessThan(200);
    daemon.socket.resume();
    await once(stream, 'drain');
  });

  it('fails when the daemon refuses the bytes', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('STORAGE_VOL_UPLOAD', DOWNLOAD);
    const call = await daemon.next('STORAGE_VOL_UPLOAD');
    daemon.reply(call);
    const { stream } = await opening;
    const failed = once(stream, 'error');
    stream.write('a');
    await daemon.nextMessage(ofStream);
    daemon.replyError(call, 38, 'no space left', MessageType.STREAM);
    expect((await failed)[0]).toMatchObject({ code: 38, message: 'no space left', procedure: 'STORAGE_VOL_UPLOAD' });
  });
});

describe('a stream both ways', () => {
  it('carries a talk and ends when the guest is gone', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('DOMAIN_OPEN_CONSOLE', { dom: DOM, flags: 0 });
    const call = await daemon.next('DOMAIN_OPEN_CONSOLE');
    daemon.reply(call);
    const { stream } = await opening;
    stream.write('root\n');
    expect((await daemon.nextMessage(ofStream)).payload.rest().toString()).toBe('root\n');
    daemon.stream(call, CONTINUE, Buffer.from('Password: '));
    expect(String((await once(stream, 'data'))[0])).toBe('Password: ');
    daemon.stream(call, CONTINUE);
    await daemon.nextMessage(withStatus(OK));
    daemon.stream(call, OK);
    await once(stream, 'close');
    expect(daemon.messages.filter(withStatus(ERROR))).toEqual([]);
  });
});

describe('streams', () => {
  it('end without an error when the connection is closed on purpose', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('DOMAIN_OPEN_CONSOLE', { dom: DOM, flags: 0 });
    daemon.reply(await daemon.next('DOMAIN_OPEN_CONSOLE'));
    const { stream } = await opening;
    await connection.close();
    expect(stream.destroyed).toBe(true);
    expect(stream.errored).toBeNull();
  });
});

describe('a stream that cannot be opened', () => {
  it('rejects and leaves nothing behind', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('DOMAIN_OPEN_CONSOLE', { dom: DOM, flags: 0 });
    daemon.replyError(await daemon.next('DOMAIN_OPEN_CONSOLE'), 55, 'domain is not running');
    await expect(opening).rejects.toThrow('domain is not running');
    expect(daemon.messages).toEqual([]);
  });

  it('in time is aborted when the daemon opens it after all', async () => {
    const { daemon, connection } = await started();
    const opening = connection.openStream('DOMAIN_OPEN_CONSOLE', { dom: DOM, flags: 0 }, { timeout: 10 });
    const call = await daemon.next('DOMAIN_OPEN_CONSOLE');
    await expect(opening).rejects.toThrow(LibvirtTimeout);
    daemon.reply(call);
    expect(await daemon.nextMessage(ofStream)).toMatchObject({ serial: call.header.serial, status: ERROR });
  });
});
