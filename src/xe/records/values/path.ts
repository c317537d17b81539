import { type ClassModel, type FieldModel, findClassModel } from '../../../model/class-model.js';
import type { RecordVersion } from '../../../model/record.js';
import type { TypeNode } from '../../../model/type-syntax.js';
import type { ClassName } from '../../../model/types.js';
import type { Target } from '../record-class.js';
import { recordOf } from './references.js';

/** A way from an object to a value, perhaps through references: what the value is, and how it is read. */
export interface Path {
  readonly type: TypeNode;
  /** The value; undefined where a reference on the way is null or dangles. In a set, such members are undefined. */
  read(target: Target): unknown;
}

type Values = Readonly<Record<string, unknown>>;
type Step = (fields: Values, target: Target) => unknown;

/** Compiles `field`, `reference.field` and so on, from a class on. Throws on a name that the model does not have. */
export function compilePath(model: ClassModel, text: string): Path {
  const { type, step } = compile(model, text.split('.'));
  return { type, read: (target) => step(target.record.fields, target) };
}

function compile(model: ClassModel, [name = '', ...rest]: readonly string[]): { type: TypeNode; step: Step } {
  const field = fieldOf(model, name);
  const { type } = field;
  if (!rest.length) return { type, step: (fields) => fields[name] };
  const referred = type.kind === 'set' ? type.of : type;
  const next = referred.kind === 'ref' ? findClassModel(referred.name) : undefined;
  if (!next) throw new Error(`${model.name}.${name} is no reference`);
  const { type: end, step } = compile(next, rest);
  const follow = (ref: unknown, target: Target): unknown => {
    const record = followed(target, next.name, String(ref));
    return record && step(record.fields, target);
  };
  if (type.kind !== 'set') return { type: end, step: (fields, target) => follow(fields[name], target) };
  return {
    type: { kind: 'set', of: end },
    step: (fields, target) => {
      const refs = fields[name];
      return Array.isArray(refs) ? refs.map((ref) => follow(ref, target)) : [];
    },
  };
}

/** What was found behind the references of a target: a VM has a dozen and a half fields from its two kinds of metrics. */
const found = new WeakMap<Target, Map<string, RecordVersion | undefined>>();

function followed(target: Target, className: ClassName, ref: string): RecordVersion | undefined {
  let known = found.get(target);
  if (!known) {
    known = new Map();
    found.set(target, known);
  }
  if (known.has(ref)) return known.get(ref);
  const record = recordOf(target.api, className, ref);
  known.set(ref, record);
  return record;
}

/** A field of the model by name. Throws on a name that the class does not have. */
export function fieldOf(model: ClassModel, name: string): FieldModel {
  const field = model.fieldsByName.get(name);
  if (!field || field.schema.internal) throw new Error(`${model.name} has no field ${name}`);
  return field;
}
