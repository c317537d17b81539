import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XdrError } from '../xdr/xdr-error.js';
import { XdrReader } from '../xdr/xdr-reader.js';
import { XdrWriter } from '../xdr/xdr-writer.js';
import { type TypedParameter, type TypedParameterInput, typedParameter } from './typed-parameter.js';

function encode(parameter: TypedParameterInput): Buffer {
  const writer = new XdrWriter();
  typedParameter.write(writer, parameter);
  return writer.bytes();
}

const field = fc.constantFrom('vcpu_quota', 'cpu.time', 'ä');

const parameters: fc.Arbitrary<TypedParameter> = fc.oneof(
  fc.record({ field, type: fc.constant('int' as const), value: fc.integer() }),
  fc.record({ field, type: fc.constant('uint' as const), value: fc.nat() }),
  fc.record({ field, type: fc.constant('llong' as const), value: fc.maxSafeInteger() }),
  fc.record({ field, type: fc.constant('ullong' as const), value: fc.maxSafeNat() }),
  fc.record({ field, type: fc.constant('double' as const), value: fc.double() }),
  fc.record({ field, type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ field, type: fc.constant('string' as const), value: fc.constantFrom('', 'kvm', 'größe') }),
);

describe('a typed parameter', () => {
  it('comes back as it was, whatever its type', () => {
    fc.assert(
      fc.property(parameters, (parameter) => {
        expect(typedParameter.read(new XdrReader(encode(parameter)))).toEqual(parameter);
      }),
    );
  });

  it('has its name, the number of its type and its value on the wire', () => {
    expect(encode({ field: 'cap', type: 'uint', value: 50 }).toString('hex')).toBe('00000003636170000000000200000032');
    expect(encode({ field: 'cap', type: 'ullong', value: 2n ** 64n - 1n }).toString('hex')).toBe(
      '000000036361700000000004ffffffffffffffff',
    );
  });

  it('of an unknown type, or whose value is of another type, is refused', () => {
    expect(() => typedParameter.read(new XdrReader(Buffer.from('0000000163000000000000080000000000000000', 'hex')))).toThrow(
      'c: 8 is no type of a parameter',
    );
    expect(() => encode({ field: 'cap', type: 'uint', value: 'many' })).toThrow(XdrError);
    expect(() => encode({ field: 'name', type: 'string', value: 5 })).toThrow(XdrError);
    expect(() => encode({ field: 'cap', type: 'int', value: 5n })).toThrow(XdrError);
  });
});
