import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../model/error.js';
import { parseType } from '../model/type-syntax.js';
import { encodeReply, joinChunks, json2Protocol, type Outcome, parseXmlCall, xmlProtocol } from './protocol.js';
import { exampleRecord } from './test-values.js';

/** The parts of the npm package `xmlrpc` that need no connection. It has no types of its own. */
interface Deserializer {
  deserializeMethodResponse(stream: Readable, done: (error: Error | null, result: unknown) => void): void;
}
const require = createRequire(import.meta.url);
const XmlRpcDeserializer: new () => Deserializer = require('xmlrpc/lib/deserializer');
const serializer: { serializeMethodCall(method: string, params: unknown[]): string } = require('xmlrpc/lib/serializer');

function readByXmlrpc(outcome: Outcome): Promise<unknown> {
  const stream = Readable.from([joinChunks(encodeReply({ protocol: xmlProtocol }, outcome))]);
  return new Promise((resolve, reject) => {
    new XmlRpcDeserializer().deserializeMethodResponse(stream, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

const records = new Map([
  ['OpaqueRef:1', exampleRecord('VM')],
  ['OpaqueRef:2', exampleRecord('VM')],
]);
const listing: Outcome = { ok: true, type: parseType('map(ref VM,record VM)'), value: records };

describe('the package xmlrpc', () => {
  test('reads our listings', async () => {
    const result = await readByXmlrpc(listing);
    expect(result).toMatchObject({
      Status: 'Success',
      Value: { 'OpaqueRef:1': { is_a_template: false, user_version: '0', other_config: {}, VBDs: [] } },
    });
    const { Value } = result as { Value: Record<string, object> };
    const json = JSON.parse(joinChunks(encodeReply({ protocol: json2Protocol, id: 1 }, listing)).toString()) as {
      result: Record<string, object>;
    };
    expect(Object.keys(Value['OpaqueRef:2'] ?? {})).toEqual(Object.keys(json.result['OpaqueRef:2'] ?? {}));
  });

  test('reads our values and failures', async () => {
    const value = new Map([['a<b', 'c&"d\'\n']]);
    expect(await readByXmlrpc({ ok: true, type: parseType('map(string,string)'), value })).toEqual({
      Status: 'Success',
      Value: { 'a<b': 'c&"d\'\n' },
    });
    expect(await readByXmlrpc({ ok: true, type: parseType('float'), value: 1.5e-7 })).toEqual({
      Status: 'Success',
      Value: 1.5e-7,
    });
    expect(await readByXmlrpc({ ok: true, type: parseType('datetime'), value: '20250319T04:16:24Z' })).toMatchObject({
      Value: new Date('2025-03-19T04:16:24Z'),
    });
    expect(await readByXmlrpc({ ok: false, error: new ApiError('HANDLE_INVALID', 'VM', 'x') })).toEqual({
      Status: 'Failure',
      ErrorDescription: ['HANDLE_INVALID', 'VM', 'x'],
    });
  });

  test('writes calls that we read', () => {
    const params = ['OpaqueRef:1', { name_label: 'a<b>&"c"\n', MTU: 1500, nested: [true, false, 0.5] }, []];
    const call = parseXmlCall(Buffer.from(serializer.serializeMethodCall('VM.start', params)));
    expect(call.method).toBe('VM.start');
    expect(call.protocol.textOf(call.params[0])).toBe('OpaqueRef:1');
    const struct = call.params[1] as ReadonlyMap<string, unknown>;
    expect(call.protocol.decode(parseType('string'), struct.get('name_label'))).toBe('a<b>&"c"\n');
    expect(call.protocol.decode(parseType('int'), struct.get('MTU'))).toBe(1500);
    expect(call.protocol.decode(parseType('float'), (struct.get('nested') as unknown[])[2])).toBe(0.5);
    expect(call.protocol.decode(parseType('set(string)'), call.params[2])).toEqual([]);
  });
});

test('a strict XML parser finds our replies well formed, whatever the text', () => {
  const every = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('');
  const value = new Map([[every, [every, '\ud83d\ude00\ufffe\uffff']]]);
  const outcome: Outcome = { ok: true, type: parseType('map(string,set(string))'), value };
  const parser = new SaxesParser();
  const texts: string[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('text', (text) => texts.push(text));
  parser.write(joinChunks(encodeReply({ protocol: xmlProtocol }, outcome)).toString()).close();
  expect(texts).toContain('😀');
});
