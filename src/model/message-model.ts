import type { MessageSchema } from '../../schema/define.js';
import { type ClassModel, classModels, type FieldModel, initialValue } from './class-model.js';
import { parseType, type TypeNode } from './type-syntax.js';

/** How a message is answered: by a handler of its class, or in one of the ways that follow from the schema alone. */
export type MessageKind =
  | 'explicit'
  | 'get_record'
  | 'get_by_uuid'
  | 'get_by_name_label'
  | 'get_all'
  | 'get_all_where'
  | 'get_all_records'
  | 'get_all_records_where'
  | 'create'
  | 'destroy'
  | 'get'
  | 'set'
  | 'add'
  | 'remove';

export interface ParamModel {
  readonly name: string;
  readonly type: TypeNode;
  /** Value when the call leaves it out; undefined where it may not. */
  readonly initial: unknown;
  readonly optional: boolean;
}

/** One message of the wire, explicit or implied by a field. */
export interface MessageModel {
  readonly class: ClassModel;
  readonly name: string;
  /** `VM.start` */
  readonly fullName: string;
  readonly kind: MessageKind;
  /** The field that an accessor is about. */
  readonly field?: FieldModel;
  /** Without the session. */
  readonly params: readonly ParamModel[];
  readonly result: TypeNode;
  /** Name of a role set. */
  readonly roles: string;
  readonly keyRoles?: { readonly [key: string]: string };
  readonly async: boolean;
  readonly session: boolean;
  readonly hidden: boolean;
  readonly secret: boolean;
  readonly poolInternal: boolean;
  readonly removed: boolean;
  readonly schema?: MessageSchema;
}

type Implied = Pick<MessageModel, 'name' | 'kind' | 'roles'> & {
  params?: readonly [string, string][];
  result: string;
  field?: FieldModel;
  async?: boolean;
  hidden?: boolean;
  removed?: boolean;
};

function implied(model: ClassModel, given: Implied): MessageModel {
  const keyRoles = given.kind === 'add' || given.kind === 'remove' ? given.field?.schema.keyRoles : undefined;
  return {
    class: model,
    name: given.name,
    fullName: `${model.name}.${given.name}`,
    kind: given.kind,
    ...(given.field && { field: given.field }),
    params: (given.params ?? []).map(([name, type]) => ({ name, type: parseType(type), initial: undefined, optional: false })),
    result: parseType(given.result),
    roles: given.roles,
    ...(keyRoles && { keyRoles }),
    async: given.async ?? false,
    session: true,
    hidden: given.hidden ?? false,
    secret: false,
    poolInternal: false,
    removed: given.removed ?? model.schema.state === 'removed',
  };
}

function accessors(model: ClassModel, field: FieldModel): MessageModel[] {
  const { schema, name, type } = field;
  const self: [string, string] = ['self', `ref ${model.name}`];
  const removed = schema.state === 'removed';
  const getter = implied(model, {
    name: `get_${name}`,
    kind: 'get',
    field,
    params: [self],
    result: schema.type,
    roles: schema.getterRoles ?? model.schema.roles.implicit,
    removed,
  });
  if (schema.kind !== 'RW' || !schema.setterRoles) return [getter];
  const write = { field, result: 'void', roles: schema.setterRoles, removed };
  const messages = [
    getter,
    implied(model, { ...write, name: `set_${name}`, kind: 'set', params: [self, ['value', schema.type]] }),
  ];
  if (type.kind === 'set') {
    const item = schema.type.slice('set('.length, -1);
    messages.push(implied(model, { ...write, name: `add_${name}`, kind: 'add', params: [self, ['value', item]] }));
    messages.push(implied(model, { ...write, name: `remove_${name}`, kind: 'remove', params: [self, ['value', item]] }));
  } else if (type.kind === 'map') {
    const [key, value] = schema.type.slice('map('.length, -1).split(',') as [string, string];
    messages.push(
      implied(model, { ...write, name: `add_to_${name}`, kind: 'add', params: [self, ['key', key], ['value', value]] }),
      implied(model, { ...write, name: `remove_from_${name}`, kind: 'remove', params: [self, ['key', key]] }),
    );
  }
  return messages;
}

function implicitMessages(model: ClassModel): MessageModel[] {
  const { schema, name } = model;
  if (schema.storage === 'none') return [];
  const roles = schema.roles.implicit;
  const refs = `set(ref ${name})`;
  const records = `map(ref ${name},record ${name})`;
  const list: MessageModel[] = [];
  if (schema.lookups.includes('uuid')) {
    const result = `record ${name}`;
    list.push(implied(model, { name: 'get_record', kind: 'get_record', roles, params: [['self', `ref ${name}`]], result }));
    list.push(
      implied(model, { name: 'get_by_uuid', kind: 'get_by_uuid', roles, params: [['uuid', 'string']], result: `ref ${name}` }),
    );
  }
  if (schema.constructible) {
    const write = { roles: schema.roles.constructor, async: true };
    list.push(
      implied(model, { ...write, name: 'create', kind: 'create', params: [['args', `record ${name}`]], result: `ref ${name}` }),
    );
    list.push(implied(model, { ...write, name: 'destroy', kind: 'destroy', params: [['self', `ref ${name}`]], result: 'void' }));
  }
  if (schema.lookups.includes('name_label'))
    list.push(
      implied(model, {
        name: 'get_by_name_label',
        kind: 'get_by_name_label',
        roles,
        params: [['label', 'string']],
        result: refs,
      }),
    );
  for (const field of model.wireFields) list.push(...accessors(model, field));
  if (schema.lookups.includes('all')) {
    const expression: [string, string][] = [['expr', 'string']];
    list.push(implied(model, { name: 'get_all', kind: 'get_all', roles, result: refs }));
    list.push(
      implied(model, { name: 'get_all_where', kind: 'get_all_where', roles, params: expression, result: refs, hidden: true }),
    );
    list.push(
      implied(model, {
        name: 'get_all_records_where',
        kind: 'get_all_records_where',
        roles,
        params: expression,
        result: records,
        hidden: true,
      }),
    );
    list.push(
      implied(model, {
        name: 'get_all_records',
        kind: 'get_all_records',
        roles,
        result: records,
        ...(schema.listedWhenRemoved && { removed: false }),
      }),
    );
  }
  return list;
}

function explicitMessages(model: ClassModel): MessageModel[] {
  return Object.entries(model.schema.messages).map(([name, schema]) => ({
    class: model,
    name,
    fullName: `${model.name}.${name}`,
    kind: 'explicit' as const,
    params: schema.params.map((p) => {
      const type = parseType(p.type);
      const optional = 'default' in p;
      return { name: p.name, type, optional, initial: optional ? initialValue(type, p.default) : undefined };
    }),
    result: parseType(schema.result),
    roles: schema.roles,
    ...(schema.keyRoles && { keyRoles: schema.keyRoles }),
    async: schema.async ?? false,
    session: schema.session ?? true,
    hidden: schema.hidden ?? false,
    secret: schema.secret ?? false,
    poolInternal: schema.poolInternal ?? false,
    removed: schema.state === 'removed' || model.schema.state === 'removed',
    schema,
  }));
}

/** Every message of the model, class by class. */
export const messageModels: readonly MessageModel[] = classModels.flatMap((c) => [
  ...implicitMessages(c),
  ...explicitMessages(c),
]);
