import { enums } from '../../schema/enums.js';
import { type ClassModel, type FieldModel, findClassModel } from '../model/class-model.js';
import { normaliseDateTime } from '../model/datetime.js';
import { ApiError } from '../model/error.js';
import { orNullRef } from '../model/ref.js';
import type { TypeNode } from '../model/type-syntax.js';
import { detach } from './detach.js';
import { parseFloatText } from './float-text.js';
import { describeRaw, RawBigInteger, RawFloat, RawTagged } from './raw-value.js';

type Decoder = (raw: unknown) => unknown;

const decoders = new WeakMap<TypeNode, Decoder>();

/**
 * A raw value of any of the wires as a type of the model. They accept the same things: whole numbers also as text,
 * floats also as text or whole numbers, dates also as text, enumerations in any letter case. `record C` is the struct of
 * a constructor: an object with the fields that it takes, defaults filled in, the empty text as a null reference, all else
 * ignored whatever it holds.
 * Throws ApiError INTERNAL_ERROR when the value is not of the type; the text never repeats what was sent.
 */
export function decodeValue(type: TypeNode, raw: unknown): unknown {
  return decoderOf(type)(raw);
}

function decoderOf(type: TypeNode): Decoder {
  let decoder = decoders.get(type);
  if (!decoder) {
    decoder = compile(type);
    decoders.set(type, decoder);
  }
  return decoder;
}

function compile(type: TypeNode): Decoder {
  switch (type.kind) {
    case 'string':
      return (raw) => text(raw, 'a string');
    case 'ref':
      return (raw) => text(raw, 'a reference');
    case 'int':
      return integer;
    case 'float':
      return float;
    case 'bool':
      return (raw) => (typeof raw === 'boolean' ? raw : wrong('a boolean', raw));
    case 'datetime':
      return dateTime;
    case 'enum':
      return enumeration(type.name);
    case 'set':
      return set(decoderOf(type.of));
    case 'map':
      return map(decoderOf(type.key), decoderOf(type.value));
    case 'option':
      return decoderOf(type.of);
    case 'record':
      return record(type.name);
    case 'void':
    case 'batch':
      return (raw) => wrong('nothing', raw);
  }
}

function wrong(expected: string, raw: unknown): never {
  throw new ApiError('INTERNAL_ERROR', `expected ${expected}, got ${describeRaw(raw)}`);
}

function text(raw: unknown, expected: string): string {
  return typeof raw === 'string' ? detach(raw) : wrong(expected, raw);
}

function integer(raw: unknown): number {
  if (typeof raw === 'number') return raw;
  if (raw instanceof RawBigInteger) return tooLarge();
  if (typeof raw !== 'string' || !/^[+-]?\d+$/.test(raw)) return wrong('a whole number', raw);
  const value = Number(raw);
  return Number.isSafeInteger(value) ? value : tooLarge();
}

function tooLarge(): never {
  throw new ApiError('INTERNAL_ERROR', 'the whole number is beyond 2^53 - 1');
}

function float(raw: unknown): number {
  if (raw instanceof RawFloat) return raw.value;
  if (typeof raw === 'number') return raw;
  if (raw instanceof RawBigInteger) return Number(raw.digits);
  const value = typeof raw === 'string' ? parseFloatText(raw) : undefined;
  return value ?? wrong('a float', raw);
}

function dateTime(raw: unknown): string {
  const given = raw instanceof RawTagged && raw.tag === 'dateTime.iso8601' ? raw.text : raw;
  const date = typeof given === 'string' ? normaliseDateTime(given) : undefined;
  return date ?? wrong('a date', raw);
}

/** Enumerations whose values must be spelled exactly. */
const EXACT_ENUMS: ReadonlySet<string> = new Set(['bond_mode', 'event_operation']);

function enumeration(name: string): Decoder {
  const values: readonly string[] = Object.hasOwn(enums, name) ? enums[name as keyof typeof enums] : [];
  const exact = new Map(values.map((value) => [value, value]));
  const folded = EXACT_ENUMS.has(name) ? undefined : new Map(values.map((value) => [value.toLowerCase(), value]));
  return (raw) => {
    const given = typeof raw === 'string' ? raw : wrong(`a value of ${name}`, raw);
    const value = exact.get(given) ?? folded?.get(given.toLowerCase());
    if (value === undefined) throw new ApiError('INTERNAL_ERROR', `not a value of ${name}, which has ${values.join(', ')}`);
    return value;
  };
}

function set(item: Decoder): Decoder {
  return (raw) => (Array.isArray(raw) ? raw.map((one) => item(one)) : wrong('an array', raw));
}

function map(key: Decoder, value: Decoder): Decoder {
  return (raw) => {
    if (!(raw instanceof Map)) return wrong('a struct', raw);
    const members = new Map<unknown, unknown>();
    for (const [name, member] of raw as ReadonlyMap<unknown, unknown>) members.set(key(name), value(member));
    return members;
  };
}

function record(className: string): Decoder {
  const model = findClassModel(className);
  if (!model) throw new Error(`no class ${className}`);
  const fields = model.schema.constructible ? model.constructorFields : model.wireFields;
  return (raw) => {
    if (!(raw instanceof Map)) return wrong('a struct', raw);
    const given: ReadonlyMap<unknown, unknown> = raw;
    return Object.fromEntries(fields.map((field) => [field.name, member(model, field, given)]));
  };
}

function member(model: ClassModel, field: FieldModel, given: ReadonlyMap<unknown, unknown>): unknown {
  if (!given.has(field.name)) {
    if (field.optional || field.type.kind === 'option') return field.initial;
    throw new ApiError('INTERNAL_ERROR', `the ${model.name} has no ${field.name}`);
  }
  try {
    const raw = given.get(field.name);
    const value = decodeValue(field.type, field.schema.textFlag ? flag(raw) : raw);
    return field.type.kind === 'ref' ? orNullRef(value as string) : value;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.code, `${field.name} of the ${model.name}: ${error.params.join(' ')}`);
  }
}

/** A flag that may be the text of a number. */
function flag(raw: unknown): unknown {
  return raw === '0' ? false : raw === '1' ? true : raw;
}
