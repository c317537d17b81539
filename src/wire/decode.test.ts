import { describe, expect, test } from 'vitest';
import { enums } from '../../schema/enums.js';
import { ApiError } from '../model/error.js';
import { parseType } from '../model/type-syntax.js';
import { decodeValue } from './decode.js';
import { RawBigInteger, RawFloat, RawTagged } from './raw-value.js';

const decode = (type: string, raw: unknown) => decodeValue(parseType(type), raw);
const date = (text: string) => new RawTagged('dateTime.iso8601', text);

test.each<[string, unknown, unknown]>([
  ['string', 'text', 'text'],
  ['secretstring', 'a much longer secret', 'a much longer secret'],
  ['int', 5, 5],
  ['int', '5', 5],
  ['int', '-0012', -12],
  ['int', '9007199254740991', Number.MAX_SAFE_INTEGER],
  ['float', new RawFloat(0.5), 0.5],
  ['float', 1, 1],
  ['float', '0.5', 0.5],
  ['float', '30', 30],
  ['float', new RawBigInteger('9007199254740993'), 9007199254740992],
  ['bool', true, true],
  ['bool', false, false],
  ['datetime', date('20250319T04:16:24Z'), '20250319T04:16:24Z'],
  ['datetime', date('2025-03-19T04:16:24Z'), '20250319T04:16:24Z'],
  ['datetime', '20250319T04:16:24+01:00', '20250319T03:16:24Z'],
  ['datetime', '20250319T04:16:24', '20250319T04:16:24Z'],
  ['enum on_crash_behaviour', 'preserve', 'preserve'],
  ['enum on_crash_behaviour', 'PRESERVE', 'preserve'],
  ['enum ip_configuration_mode', 'dhcp', 'DHCP'],
  ['enum bond_mode', 'lacp', 'lacp'],
  ['ref VM', 'OpaqueRef:NULL', 'OpaqueRef:NULL'],
  ['ref VM', '', ''],
  ['ref VM', '5', '5'],
  ['set(string)', ['b', 'a'], ['b', 'a']],
  ['set(int)', ['1', 2], [1, 2]],
  ['set(string)', [], []],
  ['map(string,string)', new Map([['__proto__', 'x']]), new Map([['__proto__', 'x']])],
  ['map(int,float)', new Map([['1', '0.5']]), new Map([[1, 0.5]])],
  ['map(enum vm_operations,string)', new Map([['START', 'no']]), new Map([['start', 'no']])],
  ['map(ref VM,set(string))', new Map([['OpaqueRef:1', ['a']]]), new Map([['OpaqueRef:1', ['a']]])],
])('%s takes %j', (type, raw, expected) => {
  expect(decode(type, raw)).toEqual(expected);
});

test.each<[string, unknown]>([
  ['string', 5],
  ['string', true],
  ['string', null],
  ['string', ['a']],
  ['string', new RawTagged('base64', 'AAAA')],
  ['string', date('20250319T04:16:24Z')],
  ['int', 'five'],
  ['int', ''],
  ['int', '0x10'],
  ['int', '5.0'],
  ['int', true],
  ['int', new RawFloat(5)],
  ['int', '9007199254740992'],
  ['int', '9'.repeat(100_000)],
  ['int', new RawBigInteger('9007199254740992')],
  ['float', 'half'],
  ['float', ''],
  ['float', true],
  ['bool', 'true'],
  ['bool', 1],
  ['datetime', 'never'],
  ['datetime', ''],
  ['datetime', 0],
  ['datetime', true],
  ['datetime', date('yesterday')],
  ['datetime', new RawTagged('base64', '20250319T04:16:24Z')],
  ['enum on_crash_behaviour', 'explode'],
  ['enum on_crash_behaviour', ''],
  ['enum on_crash_behaviour', 'constructor'],
  ['enum on_crash_behaviour', 5],
  ['enum bond_mode', 'LACP'],
  ['enum event_operation', 'ADD'],
  ['ref VM', 5],
  ['ref VM', true],
  ['ref VM', ['x']],
  ['set(string)', 'x'],
  ['set(string)', [['x']]],
  ['set(string)', [true]],
  ['set(string)', new Map()],
  ['map(string,string)', []],
  ['map(string,string)', new Map([['a', 1]])],
  ['map(int,float)', new Map([['a', '0.5']])],
  ['void', ''],
])('%s does not take %j', (type, raw) => {
  expect(() => decode(type, raw)).toThrow(expect.objectContaining({ code: 'INTERNAL_ERROR', params: [expect.any(String)] }));
});

test('an error text does not repeat what was sent', () => {
  for (const type of [
    'int',
    'float',
    'bool',
    'datetime',
    'enum vm_power_state',
    'set(string)',
    'map(string,string)',
    'record VBD',
  ])
    expect(() => decode(type, 'hunter2')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') }));
});

test('no enumeration has two values that differ in letter case only', () => {
  for (const values of Object.values(enums)) expect(new Set(values.map((value) => value.toLowerCase())).size).toBe(values.length);
});

describe('constructors', () => {
  const vbd = (extra: [string, unknown][] = []) =>
    new Map<string, unknown>([
      ['VM', 'OpaqueRef:1'],
      ['VDI', ''],
      ['userdevice', '0'],
      ['bootable', true],
      ['mode', 'rw'],
      ['type', 'disk'],
      ['empty', false],
      ['other_config', new Map()],
      ['qos_algorithm_type', ''],
      ['qos_algorithm_params', new Map()],
      ...extra,
    ]);

  test('fields are decoded, defaults filled in, the empty text is a null reference', () => {
    const fields = decode('record VBD', vbd([['mode', 'RO']]));
    expect(fields).toMatchObject({ VM: 'OpaqueRef:1', VDI: 'OpaqueRef:NULL', mode: 'RO', device: '', unpluggable: true });
    expect(fields).not.toHaveProperty('uuid');
  });

  test('a flag that older clients send as text is read', () => {
    expect(decode('record VBD', vbd([['currently_attached', '0']]))).toMatchObject({ currently_attached: false });
    expect(decode('record VBD', vbd([['currently_attached', '1']]))).toMatchObject({ currently_attached: true });
    expect(() => decode('record VBD', vbd([['currently_attached', 'no']]))).toThrow('INTERNAL_ERROR');
    expect(() => decode('record VBD', vbd([['empty', '0']]))).toThrow('INTERNAL_ERROR');
  });

  test('other members are ignored whatever they hold', () => {
    const extra: [string, unknown][] = [
      ['uuid', null],
      ['allowed_operations', 5],
      ['status_code', 'x'],
      ['__proto__', new Map([['polluted', true]])],
      ['colour', 'red'],
    ];
    expect(decode('record VBD', vbd(extra))).toEqual(decode('record VBD', vbd()));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const network = new Map<string, unknown>([
      ['name_label', 'n'],
      ['name_description', ''],
      ['MTU', '0'],
      ['other_config', new Map()],
      ['default_locking_mode', 'UNRECOGNIZED'],
    ]);
    expect(decode('record network', network)).toMatchObject({ name_label: 'n', MTU: 0 });
  });

  test('a mandatory member must be there, and every one must have its type', () => {
    const short = vbd();
    short.delete('VM');
    expect(() => decode('record VBD', short)).toThrow(/VBD has no VM/);
    expect(() => decode('record VBD', vbd([['bootable', 'yes']]))).toThrow(
      /bootable of the VBD: expected a boolean, got a string/,
    );
    expect(() => decode('record VBD', [])).toThrow(ApiError);
  });
});
