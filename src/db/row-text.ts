import type { ClassModel, FieldModel } from '../model/class-model.js';
import type { TypeNode } from '../model/type-syntax.js';
import { newFields } from './new-fields.js';
import { derivedFields } from './relations.js';

const storedFields = new WeakMap<ClassModel, readonly FieldModel[]>();

function fieldsToStore(model: ClassModel): readonly FieldModel[] {
  let fields = storedFields.get(model);
  if (!fields) {
    const derived = derivedFields(model.name);
    fields = model.fields.filter((f) => f.persistent && !derived.has(f.name));
    storedFields.set(model, fields);
  }
  return fields;
}

const storedNames = new WeakMap<ClassModel, ReadonlySet<string>>();

/** Names of the fields of a class that are written to disk. */
export function storedFieldNames(model: ClassModel): ReadonlySet<string> {
  let names = storedNames.get(model);
  if (!names) {
    names = new Set(model.schema.storage === 'volatile' ? [] : fieldsToStore(model).map((field) => field.name));
    storedNames.set(model, names);
  }
  return names;
}

function toPlain(type: TypeNode, value: unknown): unknown {
  if (type.kind === 'map') return [...(value as ReadonlyMap<unknown, unknown>)].map(([k, v]) => [k, toPlain(type.value, v)]);
  if (type.kind === 'float' && !Number.isFinite(value)) return String(value);
  return value;
}

function fromPlain(type: TypeNode, plain: unknown): unknown {
  if (type.kind === 'map')
    return new Map((plain as [unknown, unknown][]).map(([k, v]) => [k, fromPlain(type.value, v)] as [unknown, unknown]));
  if (type.kind === 'float' && typeof plain === 'string') return Number(plain);
  return plain;
}

/** An object's persistent fields as the text that a store keeps. Fields that still have their initial value are left out. */
export function rowToText(model: ClassModel, fields: Readonly<Record<string, unknown>>): string {
  const plain: Record<string, unknown> = {};
  for (const field of fieldsToStore(model)) {
    const value = fields[field.name];
    if (value !== field.initial) plain[field.name] = toPlain(field.type, value);
  }
  return JSON.stringify(plain);
}

/** The fields of an object from its text. What the text does not know has its initial value; what the model does not know is dropped. */
export function textToRow(model: ClassModel, text: string): Record<string, unknown> {
  const plain = JSON.parse(text) as Record<string, unknown>;
  const fields = newFields(model);
  for (const { name, type } of fieldsToStore(model)) {
    const value = plain[name];
    if (value !== undefined) fields[name] = fromPlain(type, value);
  }
  return fields;
}
