import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classModel, classModels } from '../model/class-model.js';
import { ApiError } from '../model/error.js';
import { RecordVersion } from '../model/record.js';
import { parseType, type TypeNode } from '../model/type-syntax.js';
import type { EventBatch } from '../model/types.js';
import {
  encodeEarlyFailure,
  encodeRecord,
  encodeReply,
  joinChunks,
  json1Protocol,
  json2Protocol,
  type Outcome,
  type ParsedCall,
  parseJsonCall,
  parseXmlCall,
  taskResultXml,
  unencodedRecords,
  xmlProtocol,
} from './protocol.js';
import { exampleRecord, valuesOf } from './test-values.js';

const ok = (type: string, value: unknown): Outcome => ({ ok: true, type: parseType(type), value });
const xmlCall = { protocol: xmlProtocol };
const json1Call = { protocol: json1Protocol, id: 1 };
const json2Call = { protocol: json2Protocol, id: 1 };
const reply = (call: Pick<ParsedCall, 'protocol' | 'id'>, outcome: Outcome) => joinChunks(encodeReply(call, outcome)).toString();

const envelope = (status: string, name: string, value: string) =>
  `<?xml version="1.0"?><methodResponse><params><param><value><struct><member><name>Status</name><value>${status}</value></member>` +
  `<member><name>${name}</name>${value}</member></struct></value></param></params></methodResponse>`;

describe('results', () => {
  test.each<[string, unknown, string, string]>([
    ['string', 'a<b>&"c\'d', "<value>a&lt;b&gt;&amp;&quot;c'd</value>", '"a<b>&\\"c\'d"'],
    ['string', 'a\nb\tc\r', '<value>a\nb\tc\r</value>', '"a\\nb\\tc\\r"'],
    ['string', 'a\u0000\u001bb\uffff', '<value>ab</value>', '"a\\u0000\\u001bb\uffff"'],
    ['string', 'café 中文 😀', '<value>café 中文 😀</value>', '"café 中文 😀"'],
    ['string', 'a\\b/c ]]>', '<value>a\\b/c ]]&gt;</value>', '"a\\\\b/c ]]>"'],
    ['string', '', '<value></value>', '""'],
    ['void', undefined, '<value></value>', '""'],
    ['int', 1073741824, '<value>1073741824</value>', '1073741824'],
    ['int', -1, '<value>-1</value>', '-1'],
    ['bool', true, '<value><boolean>1</boolean></value>', 'true'],
    ['bool', false, '<value><boolean>0</boolean></value>', 'false'],
    ['float', 1, '<value><double>1</double></value>', '1.0'],
    ['float', 0.1, '<value><double>0.1</double></value>', '0.1'],
    ['float', 12345.678, '<value><double>12345.678</double></value>', '12345.678'],
    ['float', 1.5e-7, '<value><double>1.5e-07</double></value>', '1.5e-07'],
    ['float', 0.1 + 0.2, '<value><double>0.3</double></value>', '0.30000000000000004'],
    ['float', Number.NaN, '<value><double>nan</double></value>', 'NaN'],
    ['float', Number.POSITIVE_INFINITY, '<value><double>inf</double></value>', 'Infinity'],
    ['float', Number.NEGATIVE_INFINITY, '<value><double>-inf</double></value>', '-Infinity'],
    [
      'datetime',
      '20250319T04:16:24Z',
      '<value><dateTime.iso8601>20250319T04:16:24Z</dateTime.iso8601></value>',
      '"20250319T04:16:24Z"',
    ],
    [
      'datetime',
      '20250319T04:16:24',
      '<value><dateTime.iso8601>20250319T04:16:24</dateTime.iso8601></value>',
      '"20250319T04:16:24"',
    ],
    ['enum vm_power_state', 'Halted', '<value>Halted</value>', '"Halted"'],
    ['ref VM', 'OpaqueRef:NULL', '<value>OpaqueRef:NULL</value>', '"OpaqueRef:NULL"'],
    ['set(string)', [], '<value><array><data></data></array></value>', '[]'],
    ['set(int)', [1, 2], '<value><array><data><value>1</value><value>2</value></data></array></value>', '[1,2]'],
    ['map(string,string)', new Map(), '<value><struct></struct></value>', '{}'],
    [
      'map(string,string)',
      new Map([['k<', 'v"']]),
      '<value><struct><member><name>k&lt;</name><value>v&quot;</value></member></struct></value>',
      '{"k<":"v\\""}',
    ],
    [
      'map(int,float)',
      new Map([
        [0, 0.5],
        [1, 1],
      ]),
      '<value><struct><member><name>0</name><value><double>0.5</double></value></member><member><name>1</name><value><double>1</double></value></member></struct></value>',
      '{"0":0.5,"1":1.0}',
    ],
  ])('%s %j', (type, value, xml, json) => {
    expect(reply(xmlCall, ok(type, value))).toBe(envelope('Success', 'Value', xml));
    expect(reply(json1Call, ok(type, value))).toBe(`{"result":${json},"error":null,"id":1}`);
    expect(reply(json2Call, ok(type, value))).toBe(`{"jsonrpc":"2.0","result":${json},"id":1}`);
    expect(taskResultXml(parseType(type), value)).toBe(xml);
  });

  test('system.listMethods has no envelope in XML-RPC', () => {
    const outcome: Outcome = { ok: true, type: parseType('set(string)'), value: ['a.b'], bare: true };
    expect(reply(xmlCall, outcome)).toBe(
      '<?xml version="1.0"?><methodResponse><params><param><value><array><data><value>a.b</value></data></array></value></param></params></methodResponse>',
    );
    expect(reply(json2Call, outcome)).toBe('{"jsonrpc":"2.0","result":["a.b"],"id":1}');
  });

  test.each([
    ['string', 5],
    ['int', 1.5],
    ['int', '5'],
    ['float', '5'],
    ['bool', 'true'],
    ['set(string)', 'x'],
    ['map(string,string)', {}],
    ['record VM', {}],
    ['map(ref VM,record VM)', new Map([['r', {}]])],
    ['set(record event)', [undefined]],
  ])('what is no %s is not sent as one', (type, value) => {
    for (const call of [xmlCall, json1Call, json2Call]) expect(() => encodeReply(call, ok(type, value))).toThrow(TypeError);
  });
});

describe('failures', () => {
  const failure: Outcome = { ok: false, error: new ApiError('HANDLE_INVALID', 'VM', '<x>') };

  test('carry code and parameters', () => {
    const list =
      '<value><array><data><value>HANDLE_INVALID</value><value>VM</value><value>&lt;x&gt;</value></data></array></value>';
    expect(reply(xmlCall, failure)).toBe(envelope('Failure', 'ErrorDescription', list));
    expect(reply(json1Call, failure)).toBe('{"result":null,"error":["HANDLE_INVALID","VM","<x>"],"id":1}');
    expect(reply(json2Call, failure)).toBe(
      '{"jsonrpc":"2.0","error":{"code":1,"message":"HANDLE_INVALID","data":["VM","<x>"]},"id":1}',
    );
  });

  test('before dispatch are a bare list with id 0', () => {
    const error = new ApiError('HOST_STILL_BOOTING');
    expect(joinChunks(encodeEarlyFailure(json1Protocol, error)).toString()).toBe(
      '{"jsonrpc":"2.0","error":["HOST_STILL_BOOTING"],"id":0}',
    );
    expect(joinChunks(encodeEarlyFailure(xmlProtocol, error)).toString()).toBe(
      envelope('Failure', 'ErrorDescription', '<value><array><data><value>HOST_STILL_BOOTING</value></data></array></value>'),
    );
  });
});

test.each(['1', '"x"', '"\\"\\n"', '0', '-5', '12345678901234567', '9223372036854775807'])(
  'the id %s comes back as it was',
  (id) => {
    const call = parseJsonCall(Buffer.from(`{"jsonrpc":"2.0","method":"a","params":[],"id":${id}}`));
    expect(reply(call, ok('void', undefined))).toBe(`{"jsonrpc":"2.0","result":"","id":${id}}`);
  },
);

describe('records', () => {
  test('have all fields that are not internal, in the order of the model', () => {
    const vbd = exampleRecord('VBD');
    const members = Object.keys(JSON.parse(encodeRecord(json2Protocol, vbd).toString()) as object);
    expect(members).toEqual(classModel('VBD').wireFields.map((field) => field.name));
    expect(members).not.toContain('reserved');
    const names = [
      ...encodeRecord(xmlProtocol, vbd)
        .toString()
        .matchAll(/<name>(\w+)<\/name>/g),
    ].map((match) => match[1]);
    expect(names).toEqual(members);
  });

  test('are encoded once per notation and go out as the bytes that they keep', () => {
    const record = exampleRecord('VM');
    const listing = ok('map(ref VM,record VM)', new Map([['OpaqueRef:1', record]]));
    const listed = unencodedRecords(xmlProtocol, parseType('map(ref VM,record VM)'), new Map([['OpaqueRef:1', record]]));
    expect(listed).toEqual([record]);
    const chunks = encodeReply(xmlCall, listing);
    expect(chunks[1]).toBe(record.encoded.xml);
    expect(encodeReply(xmlCall, listing)[1]).toBe(chunks[1]);
    expect(record.encoded.json).toBeUndefined();
    encodeReply(json1Call, listing);
    expect(encodeReply(json2Call, listing)[1]).toBe(record.encoded.json);
    expect(unencodedRecords(json1Protocol, parseType('record VM'), record)).toEqual([]);
  });

  test('leave out what is absent', () => {
    const fields = { configuration: new Map([['target', 't']]), complete: true, sr: undefined, extra_info: new Map() };
    const absent = new RecordVersion('probe_result', fields as unknown as RecordVersion<'probe_result'>['fields']);
    expect(encodeRecord(json2Protocol, absent).toString()).toBe(
      '{"configuration":{"target":"t"},"complete":true,"extra_info":{}}',
    );
    const stat = exampleRecord('sr_stat');
    const present = new RecordVersion('probe_result', {
      ...fields,
      sr: stat,
    } as unknown as RecordVersion<'probe_result'>['fields']);
    expect(encodeRecord(json2Protocol, present).toString()).toContain(`"sr":${encodeRecord(json2Protocol, stat)}`);
  });
});

describe('events', () => {
  const snapshot = exampleRecord('VIF');
  const event = (fields: object) => new RecordVersion('event', fields as unknown as RecordVersion<'event'>['fields']);
  const base = { id: 7, timestamp: '0.0', class: 'vif', operation: 'mod', ref: 'OpaqueRef:1', obj_uuid: 'never sent' };
  const batch: EventBatch = {
    events: [event({ ...base, snapshot }), event({ ...base, operation: 'del', snapshot: undefined })],
    valid_ref_counts: new Map([
      ['vif', 1],
      ['vm', 0],
    ]),
    token: '00000000000000000001,00000000000000000000',
  };
  const jsonEvents = () =>
    `{"id":"7","timestamp":"0.0","class":"vif","operation":"mod","ref":"OpaqueRef:1","snapshot":${encodeRecord(json2Protocol, snapshot)}},` +
    '{"id":"7","timestamp":"0.0","class":"vif","operation":"del","ref":"OpaqueRef:1"}';

  test('event.from', () => {
    expect(unencodedRecords(xmlProtocol, parseType('batch event'), batch)).toEqual([snapshot]);
    expect(reply(json2Call, ok('batch event', batch))).toBe(
      `{"jsonrpc":"2.0","result":{"events":[${jsonEvents()}],"valid_ref_counts":{"vif":1,"vm":0},"token":"${batch.token}"},"id":1}`,
    );
    const member = (name: string, value: string) => `<member><name>${name}</name>${value}</member>`;
    const head = (operation: string) =>
      member('id', '<value>7</value>') +
      member('timestamp', '<value>0.0</value>') +
      member('class', '<value>vif</value>') +
      member('operation', `<value>${operation}</value>`) +
      member('ref', '<value>OpaqueRef:1</value>');
    const events = [head('mod') + member('snapshot', encodeRecord(xmlProtocol, snapshot).toString()), head('del')];
    const xml = `<value><struct>${member('events', `<value><array><data>${events.map((one) => `<value><struct>${one}</struct></value>`).join('')}</data></array></value>`)}${member(
      'valid_ref_counts',
      `<value><struct>${member('vif', '<value><i4>1</i4></value>')}${member('vm', '<value><i4>0</i4></value>')}</struct></value>`,
    )}${member('token', `<value>${batch.token}</value>`)}</struct></value>`;
    expect(reply(xmlCall, ok('batch event', batch))).toBe(envelope('Success', 'Value', xml));
    expect(taskResultXml(parseType('batch event'), batch)).toBe(xml);
  });

  test('event.next', () => {
    expect(reply(json1Call, ok('set(record event)', batch.events))).toBe(`{"result":[${jsonEvents()}],"error":null,"id":1}`);
    const fresh = exampleRecord('VIF');
    const events = [event({ ...base, snapshot: fresh })];
    expect(unencodedRecords(json1Protocol, parseType('set(record event)'), events)).toEqual([fresh]);
    expect(encodeReply(json1Call, ok('set(record event)', events))).toContain(fresh.encoded.json);
  });
});

describe('what is sent is what is read', () => {
  /** Types of all fields that clients may send back. */
  const types = [
    ...new Set(classModels.flatMap((model) => model.wireFields.map((field) => field.type)).filter((type) => roundTrips(type))),
  ];
  const typed = fc.constantFrom(...types).chain((type) => fc.tuple(fc.constant(type), valuesOf(type)));

  function roundTrips(type: TypeNode): boolean {
    return type.kind !== 'record' && type.kind !== 'option';
  }

  test('in XML-RPC', () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const xml = taskResultXml(type, value);
        const document = `<methodCall><methodName>a</methodName><params><param>${xml}</param></params></methodCall>`;
        const { params, protocol } = parseXmlCall(Buffer.from(document));
        expect(protocol.decode(type, params[0])).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  test('in JSON-RPC', () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const text = reply({ protocol: json2Protocol, id: 1 }, { ok: true, type, value });
        const call = parseJsonCall(
          Buffer.from(`${text.replace(',"result":', ',"params":[').slice(0, -',"id":1}'.length)}],"method":"a","id":1}`),
        );
        expect(call.protocol.decode(type, call.params[0])).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });
});
