/**
 * The shape of the object model as data. A type is written as text:
 * `string`, `secretstring`, `int`, `float`, `bool`, `datetime`, `void`, `enum NAME`, `ref CLASS`, `record CLASS`,
 * `set(T)`, `map(K,V)`, `option(T)`, and `batch event` for the reply of event.from.
 */

/** RW: constructor argument and setters. StaticRO: constructor argument only. DynamicRO: kept by the server. */
export type FieldKind = 'RW' | 'StaticRO' | 'DynamicRO';

/** Where something stands in its life; absent means published. Removed messages answer MESSAGE_REMOVED. */
export type LifecycleState = 'prototyped' | 'deprecated' | 'removed';

/** A default as plain data: `[]` and `{}` for empty sets and maps, text for dates and references. */
export type DefaultValue = string | number | boolean | readonly (string | number)[] | { readonly [key: string]: string };

export interface FieldSchema {
  readonly type: string;
  readonly kind: FieldKind;
  readonly doc?: string;
  readonly default?: DefaultValue;
  /** Name in storage and in `*_where` expressions, where it differs: parts joined by two underscores. */
  readonly column?: string;
  /** False for a value that does not outlive the daemon. */
  readonly persist?: false;
  /** Kept in the database, never in a record or a message. */
  readonly internal?: true;
  /** References that are no relation: they may dangle, and nothing is kept on the other side. */
  readonly weak?: true;
  readonly setterRoles?: string;
  readonly getterRoles?: string;
  /** A flag that older clients give to the constructor as the text `0` or `1`. */
  readonly textFlag?: true;
  /** Map keys (a trailing `*` matches any rest) that roles below the setter's may add and remove. */
  readonly keyRoles?: { readonly [key: string]: string };
  /** The setter does more than store: a handler of the class must exist for it. */
  readonly customSetter?: true;
  readonly state?: LifecycleState;
  readonly since: string;
  readonly deprecatedSince?: string;
}

export interface ParamSchema {
  readonly name: string;
  readonly type: string;
  readonly default?: DefaultValue;
}

export interface MessageSchema {
  /** Without the session, which comes first unless `session` is false. */
  readonly params: readonly ParamSchema[];
  readonly result: string;
  readonly roles: string;
  readonly doc?: string;
  /** `Async.CLASS.MESSAGE` exists and the call is a task. */
  readonly async?: true;
  readonly session?: false;
  /** Answered, but in no published list. */
  readonly hidden?: true;
  /** Arguments never reach a log. */
  readonly secret?: true;
  /** Only for sessions between hosts of a pool. */
  readonly poolInternal?: true;
  readonly keyRoles?: { readonly [key: string]: string };
  readonly errors?: readonly string[];
  /** The original hands the call to an add-on program of this name. */
  readonly extension?: string;
  readonly state?: LifecycleState;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly unpublished?: true;
}

export interface ClassSchema {
  readonly name: string;
  readonly doc: string;
  readonly since: string;
  readonly state?: LifecycleState;
  readonly deprecatedSince?: string;
  /** durable: on disk; volatile: gone when the daemon ends; none: not in the database. */
  readonly storage: 'durable' | 'volatile' | 'none';
  readonly events: boolean;
  readonly roles: { readonly implicit: string; readonly constructor: string };
  /** Has `create` and `destroy` that follow from the fields. */
  readonly constructible?: true;
  readonly lookups: readonly ('all' | 'uuid' | 'name_label')[];
  /** Removed, and yet `get_all_records` answers: older clients list these objects when they connect, and fail without. */
  readonly listedWhenRemoved?: true;
  readonly unpublished?: true;
  readonly fields: { readonly [name: string]: FieldSchema };
  readonly messages: { readonly [name: string]: MessageSchema };
}

export interface RelationSchema {
  readonly kind: 'one-to-many' | 'many-to-many' | 'weak';
  /** One-to-many: the class and field that hold the reference. */
  readonly from: readonly [string, string];
  /** One-to-many: the class and field that hold the set. */
  readonly to: readonly [string, string];
}

export interface EndpointSchema {
  readonly name: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'CONNECT' | 'OPTIONS';
  readonly path: string;
  readonly roles: string;
  /** No role is checked at the door; the handler sees to it. */
  readonly open?: true;
  /** Finer permissions that the handler asks for: name and roles. */
  readonly sub?: readonly (readonly [string, string])[];
}

/** Keeps the literal types of a class, so that records, arguments and handlers can be typed from it. */
export function defineClass<const C extends ClassSchema>(schema: C): C {
  return schema;
}
