import { classes } from '../../schema/classes.js';
import type { ClassSchema, DefaultValue, FieldSchema } from '../../schema/define.js';
import { enums } from '../../schema/enums.js';
import { NEVER } from './datetime.js';
import { NULL_REF } from './ref.js';
import { parseType, type TypeNode } from './type-syntax.js';
import type { ClassName } from './types.js';

/** A field of a class as the daemon works with it. */
export interface FieldModel {
  readonly name: string;
  readonly type: TypeNode;
  readonly schema: FieldSchema;
  /** Name in storage and in `*_where` expressions. */
  readonly column: string;
  /** False for values that are not written to disk. */
  readonly persistent: boolean;
  /** Value of a new object that says nothing of this field. */
  readonly initial: unknown;
  /** A constructor may leave it out. */
  readonly optional: boolean;
}

/** A class of the model as the daemon works with it. */
export interface ClassModel {
  readonly name: ClassName;
  /** Name in events. */
  readonly lowerName: string;
  readonly schema: ClassSchema;
  readonly fields: readonly FieldModel[];
  /** Fields that a record shows, in the order of the wire. */
  readonly wireFields: readonly FieldModel[];
  readonly fieldsByName: ReadonlyMap<string, FieldModel>;
  /** Fields by name in storage spelling. */
  readonly fieldsByColumn: ReadonlyMap<string, FieldModel>;
  /** Fields that the constructor takes. */
  readonly constructorFields: readonly FieldModel[];
}

const EMPTY_SET: readonly never[] = Object.freeze([]);
const EMPTY_MAP: ReadonlyMap<unknown, unknown> = new Map();

function firstOf(enumeration: string): string {
  const values: readonly string[] | undefined = (enums as { readonly [name: string]: readonly string[] })[enumeration];
  return values?.[0] ?? '';
}

/** The value of a schema default, or the type's own empty value. Empty sets and maps are shared: nothing changes a value in place. */
export function initialValue(type: TypeNode, given?: DefaultValue): unknown {
  switch (type.kind) {
    case 'set':
      return Array.isArray(given) && given.length ? Object.freeze([...given]) : EMPTY_SET;
    case 'map':
      return typeof given === 'object' && Object.keys(given).length ? new Map(Object.entries(given)) : EMPTY_MAP;
    case 'ref':
      return given || NULL_REF;
    case 'datetime':
      return given ?? NEVER;
    case 'int':
    case 'float':
      return given ?? 0;
    case 'bool':
      return given ?? false;
    case 'enum':
      return given ?? firstOf(type.name);
    case 'string':
      return given ?? '';
    default:
      return given;
  }
}

function buildField(name: string, schema: FieldSchema): FieldModel {
  const type = parseType(schema.type);
  return {
    name,
    type,
    schema,
    column: schema.column ?? name,
    persistent: schema.persist !== false,
    initial: initialValue(type, schema.default),
    optional: 'default' in schema,
  };
}

function buildClass(schema: ClassSchema): ClassModel {
  const fields = Object.entries(schema.fields).map(([name, field]) => buildField(name, field));
  return {
    name: schema.name as ClassName,
    lowerName: schema.name.toLowerCase(),
    schema,
    fields,
    wireFields: fields.filter((f) => !f.schema.internal),
    fieldsByName: new Map(fields.map((f) => [f.name, f])),
    fieldsByColumn: new Map(fields.map((f) => [f.column, f])),
    constructorFields: fields.filter((f) => f.schema.kind !== 'DynamicRO' && !f.schema.internal),
  };
}

/** All classes, in the model's order. */
export const classModels: readonly ClassModel[] = Object.values(classes).map(buildClass);

const byName = new Map<string, ClassModel>(classModels.map((c) => [c.name, c]));

/** The model of a class. */
export function classModel(name: ClassName): ClassModel {
  return byName.get(name) as ClassModel;
}

/** The model of a class whose name came from outside, or undefined. */
export function findClassModel(name: string): ClassModel | undefined {
  return byName.get(name);
}

const byLowerName = new Map<string, ClassModel>(classModels.map((c) => [c.lowerName, c]));

/** The model of a class in any letter case, as event subscriptions name it. */
export function findClassModelIgnoringCase(name: string): ClassModel | undefined {
  return byLowerName.get(name.toLowerCase());
}
