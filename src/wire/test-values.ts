import fc from 'fast-check';
import { enums } from '../../schema/enums.js';
import { classModel, initialValue } from '../model/class-model.js';
import { toDateTime } from '../model/datetime.js';
import { RecordVersion } from '../model/record.js';
import type { TypeNode } from '../model/type-syntax.js';
import type { ClassName, Fields } from '../model/types.js';

/** Text that both wires can carry: what XML cannot hold is left out on purpose, and CR becomes LF in any XML parser. */
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...'<>&"\'\\/]\n\t é中😀'), fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 })),
  maxLength: 20,
});

/** Values of a type as they are inside the daemon. Floats have so few digits that 16 are enough for them. */
export function valuesOf(type: TypeNode): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'string':
      return text;
    case 'ref':
      return fc.uuid().map((uuid) => `OpaqueRef:${uuid}`);
    case 'int':
      return fc.maxSafeInteger();
    case 'float':
      return fc.integer().map((value) => value / 1000);
    case 'bool':
      return fc.boolean();
    case 'datetime':
      return fc.integer({ min: 0, max: 4e9 }).map((seconds) => toDateTime(seconds * 1000));
    case 'enum':
      return fc.constantFrom(...enums[type.name as keyof typeof enums]);
    case 'set':
      return fc.array(valuesOf(type.of), { maxLength: 5 });
    case 'map':
      return fc.array(fc.tuple(valuesOf(type.key), valuesOf(type.value)), { maxLength: 5 }).map((members) => new Map(members));
    default:
      throw new Error(`no values of ${type.kind}`);
  }
}

/** A record with every field at its first value; enumerations have the first that they know. */
export function exampleRecord<C extends ClassName>(className: C): RecordVersion<C> {
  const fields = classModel(className).fields.map(({ name, type, initial }) => {
    if (type.kind === 'enum') return [name, initial || enums[type.name as keyof typeof enums][0]];
    return [name, initial ?? initialValue(type)];
  });
  return new RecordVersion(className, Object.fromEntries(fields) as Fields<C>);
}
