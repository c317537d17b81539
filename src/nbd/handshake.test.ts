import { describe, expect, it } from 'vitest';
import { COMMAND, CONTEXT, EXPORT_FLAG, LENGTH, OPTION, OPTION_REPLY, PADDING } from '../wire/nbd/numbers.js';
import { decodeMetaContext, encodeExportRequest, encodeMetaContextRequest, encodeOption } from '../wire/nbd/options.js';
import { nbdBench, SIZE } from './testing/bench.js';

const KIB = 1024;
const bench = nbdBench();

describe('the talk before data', () => {
  it('offers a disk for reading', async () => {
    const client = await bench.greeted();
    const { readOnly, sendFlush, hasFlags, canMultiConn } = EXPORT_FLAG;
    const offered = { type: OPTION_REPLY.ack, size: SIZE, flags: hasFlags | readOnly | sendFlush | canMultiConn };
    expect(await client.go('disk', OPTION.info)).toEqual(offered);
    expect(bench.exports.readers).toBe(0);
    expect(await client.go('disk')).toEqual(offered);
    expect(bench.exports.readers).toBe(1);
  });

  it.each([true, false])('serves clients that know only the oldest way (padded: %s)', async (isPadded) => {
    const client = await bench.connected();
    await client.greet(isPadded ? 0 : 2);
    client.send(encodeOption(OPTION.exportName, Buffer.from('disk')));
    const head = await client.take(10 + (isPadded ? PADDING : 0));
    expect(Number(head.readBigUInt64BE())).toBe(SIZE);
    expect(head.subarray(10).every((byte) => byte === 0)).toBe(true);
    client.ask(COMMAND.read, 10, 100);
    expect((await client.reply(10, 100)).data).toEqual(bench.exports.bytes.subarray(10, 110));
  });

  it.each([
    ['nothing', OPTION_REPLY.unknown],
    ['secret', OPTION_REPLY.policy],
  ])('refuses %s', async (name, refusal) => {
    const client = await bench.greeted();
    for (const option of [OPTION.info, OPTION.go]) expect((await client.go(name, option)).type).toBe(refusal);
    const query = encodeMetaContextRequest({ name, queries: [] });
    expect((await client.option(OPTION.listMetaContext, query)).type).toBe(refusal);
    client.send(encodeOption(OPTION.exportName, Buffer.from(name)));
    await client.hungUp();
  });

  it('names the one context of blocks to whom asks for it', async () => {
    const client = await bench.greeted();
    const ask = (option: number, ...queries: string[]) =>
      client.option(option, encodeMetaContextRequest({ name: 'disk', queries }));
    expect((await ask(OPTION.setMetaContext, CONTEXT.allocation)).type).toBe(OPTION_REPLY.invalid);
    expect((await client.option(OPTION.structuredReply, Buffer.from('x'))).type).toBe(OPTION_REPLY.invalid);
    expect((await client.option(OPTION.structuredReply)).type).toBe(OPTION_REPLY.ack);
    for (const queries of [[], ['base:'], ['qemu:x', CONTEXT.allocation]]) {
      const [first] = (await ask(OPTION.listMetaContext, ...queries)).answers;
      expect(decodeMetaContext(first?.data ?? Buffer.alloc(0)).context).toBe(CONTEXT.allocation);
    }
    for (const queries of [[], ['base:'], ['qemu:dirty-bitmap:x']])
      expect((await ask(OPTION.setMetaContext, ...queries)).answers).toHaveLength(1);
    expect((await ask(OPTION.setMetaContext, CONTEXT.allocation)).answers).toHaveLength(2);
  });

  it('refuses what it does not have and goes on', async () => {
    const client = await bench.greeted();
    expect((await client.option(OPTION.list)).type).toBe(OPTION_REPLY.policy);
    expect((await client.option(4711, Buffer.alloc(100))).type).toBe(OPTION_REPLY.unsupported);
    expect((await client.option(OPTION.go, Buffer.from('garbage'))).type).toBe(OPTION_REPLY.invalid);
    expect((await client.go('disk')).type).toBe(OPTION_REPLY.ack);
  });

  it('ends when the client changes its mind', async () => {
    const client = await bench.greeted();
    expect((await client.option(OPTION.abort)).type).toBe(OPTION_REPLY.ack);
    await client.hungUp();
  });
});

describe('TLS', () => {
  it('is demanded where it has to be', async () => {
    bench.exports.where = 'required';
    const client = await bench.greeted();
    for (const option of [OPTION.go, OPTION.list, OPTION.structuredReply, 4711])
      expect((await client.option(option)).type).toBe(OPTION_REPLY.tlsRequired);
    await client.startTls();
    expect((await client.option(OPTION.startTls)).type).toBe(OPTION_REPLY.invalid);
    expect((await client.go('disk')).type).toBe(OPTION_REPLY.ack);
    client.ask(COMMAND.read, 0, 200 * KIB);
    expect((await client.reply(0, 200 * KIB)).data).toEqual(bench.exports.bytes.subarray(0, 200 * KIB));
  });

  it('is demanded of the oldest way by hanging up', async () => {
    bench.exports.where = 'required';
    const client = await bench.greeted();
    client.send(encodeOption(OPTION.exportName, Buffer.from('disk')));
    await client.hungUp();
  });

  it('begins with nothing that was said before it', async () => {
    const client = await bench.greeted();
    await client.option(OPTION.structuredReply);
    await client.startTls();
    expect((await client.go('disk')).flags).not.toBe(EXPORT_FLAG.sendDontFragment);
    client.ask(COMMAND.read, 0, 10);
    // A simple answer: structured ones were agreed on in clear.
    expect((await client.take(LENGTH.simpleReply)).readUInt32BE(0)).toBe(0x67446698);
  });

  it('does not begin when something was slipped in behind the wish for it', async () => {
    bench.exports.where = 'required';
    const client = await bench.greeted();
    client.send(encodeOption(OPTION.startTls), encodeOption(OPTION.go, encodeExportRequest({ name: 'disk', wanted: [] })));
    await client.hungUp();
  });

  it('takes no client where nothing is offered', async () => {
    bench.exports.where = undefined;
    const client = await bench.connected();
    await expect(client.take(1)).rejects.toThrow('hung up');
  });
});
