import { type ClassModel, initialValue } from '../../model/class-model.js';
import type { TypeNode } from '../../model/type-syntax.js';
import type { Field, Target } from './record-class.js';
import type { Row } from './row.js';
import { orNone, parserOf } from './values/parsers.js';
import { fieldOf } from './values/path.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What can be done to a field, apart from reading it. */
export type Writers = Pick<Field, 'set' | 'setKey' | 'setMap' | 'addMember' | 'addKey' | 'remove' | 'clear'>;

const EMPTY: ReadonlyMap<string, string> = new Map();

/** The writers of a row. `column` is the model's name of the field, after which its messages are called. */
export function writersOf(model: ClassModel, row: Row, column: string): Writers {
  const writers: Mutable<Writers> = {};
  const setter = `${model.name}.set_${column}`;
  if (row.set !== undefined) writers.set = setWriter(model, row, column, setter);
  if (row.setKey !== undefined) {
    const message = `${model.name}.${row.setKey}`;
    writers.setKey = async ({ api, ref }, key, value) => void (await api.send(message, ref, key, value));
  }
  if (row.setMap) writers.setMap = async ({ api, ref }, entries) => void (await api.send(setter, ref, entries));
  if (row.clear)
    writers.clear = async ({ api, ref }) => void (await api.send(setter, ref, initialValue(fieldOf(model, column).type)));
  if (row.add === undefined) return writers;
  const { type } = fieldOf(model, column);
  if (type.kind === 'map') return { ...writers, ...keyWriters(model, row, column, type.key) };
  if (type.kind === 'set') return { ...writers, ...memberWriters(model, row, column, type.of) };
  throw new Error(`${model.name}.${column} is no set and no map`);
}

function setWriter(model: ClassModel, row: Row, column: string, setter: string): NonNullable<Field['set']> {
  const parse = typeof row.set === 'function' ? row.set : parserOf(fieldOf(model, column).type);
  const parser = row.set === 'optional' ? orNone(parse) : parse;
  return async ({ api, ref }, text) => void (await api.send(setter, ref, parser(api, row.name, text)));
}

function keyWriters(model: ClassModel, row: Row, column: string, type: TypeNode): Pick<Field, 'addKey' | 'remove'> {
  const key = parserOf(type);
  if (row.add === 'whole') {
    const replace = (target: Target, change: (entries: Map<unknown, unknown>) => void): Promise<unknown> => {
      const entries = new Map(valueNow(target, column, EMPTY));
      change(entries);
      return target.api.send(`${model.name}.set_${column}`, target.ref, entries);
    };
    return {
      addKey: async (target, name, value) =>
        void (await replace(target, (entries) => entries.set(key(target.api, row.name, name), value))),
      remove: async (target, name) => void (await replace(target, (entries) => entries.delete(key(target.api, row.name, name)))),
    };
  }
  const [add, remove] = messages(model, row, `add_to_${column}`, `remove_from_${column}`);
  return {
    addKey: async ({ api, ref }, name, value) => void (await api.send(add, ref, key(api, row.name, name), value)),
    remove: async ({ api, ref }, name) => void (await api.send(remove, ref, key(api, row.name, name))),
  };
}

function memberWriters(model: ClassModel, row: Row, column: string, type: TypeNode): Pick<Field, 'addMember' | 'remove'> {
  const member = parserOf(type);
  if (row.add === 'whole') {
    const replace = (target: Target, text: string, change: (members: readonly unknown[], member: unknown) => unknown[]) => {
      const members = change(valueNow(target, column, []), member(target.api, row.name, text));
      return target.api.send(`${model.name}.set_${column}`, target.ref, members);
    };
    return {
      addMember: async (target, text) => void (await replace(target, text, (members, one) => [...members, one])),
      remove: async (target, text) =>
        void (await replace(target, text, (members, gone) => members.filter((one) => one !== gone))),
    };
  }
  const [add, remove] = messages(model, row, `add_${column}`, `remove_${column}`);
  return {
    addMember: async ({ api, ref }, text) => void (await api.send(add, ref, member(api, row.name, text))),
    remove: async ({ api, ref }, text) => void (await api.send(remove, ref, member(api, row.name, text))),
  };
}

function messages({ name }: ClassModel, { add }: Row, adds: string, removes: string): [add: string, remove: string] {
  const [one, other] = typeof add === 'object' ? add : [adds, removes];
  return [`${name}.${one}`, `${name}.${other}`];
}

/** Read anew: several members of one line follow each other, and the target is as it was before the first. */
function valueNow<T>({ api, ref, record }: Target, column: string, none: T): T {
  const fields: Readonly<Record<string, unknown>> = api.record(record.className, ref).fields;
  return (fields[column] ?? none) as T;
}
