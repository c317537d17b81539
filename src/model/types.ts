import type { classes } from '../../schema/classes.js';
import type { ClassSchema, FieldSchema, MessageSchema } from '../../schema/define.js';
import type { enums } from '../../schema/enums.js';
import type { RecordVersion } from './record.js';
import type { Ref } from './ref.js';

type Classes = typeof classes;

/** Name of a class of the model. */
export type ClassName = keyof Classes;

/** Values of an enumeration of the model. */
export type EnumValue<E extends string> = E extends keyof typeof enums ? (typeof enums)[E][number] : never;

/**
 * The value that a type of the schema has inside the daemon. Ints are whole numbers below 2^53, dates are text in the
 * wire's compact form (`20250319T04:16:24Z`), maps are `Map`s so that no key can reach a prototype.
 */
export type ValueOf<T extends string> = T extends 'string' | 'secretstring' | 'datetime'
  ? string
  : T extends 'int' | 'float'
    ? number
    : T extends 'bool'
      ? boolean
      : T extends 'void'
        ? void
        : T extends 'batch event'
          ? EventBatch
          : T extends `enum ${infer E}`
            ? EnumValue<E>
            : T extends `ref ${infer C}`
              ? Ref<C>
              : T extends `record ${infer C}`
                ? C extends ClassName
                  ? RecordVersion<C>
                  : never
                : T extends `set(${infer I})`
                  ? readonly ValueOf<I>[]
                  : T extends `option(${infer I})`
                    ? ValueOf<I> | undefined
                    : T extends `map(${infer K},${infer V})`
                      ? ReadonlyMap<ValueOf<K>, ValueOf<V>>
                      : never;

/** Reply of event.from. */
export interface EventBatch {
  readonly events: readonly RecordVersion<'event'>[];
  readonly valid_ref_counts: ReadonlyMap<string, number>;
  readonly token: string;
}

type FieldsSchema<C extends ClassName> = Classes[C]['fields'];

/** All fields of a class by name, internal ones too. */
export type Fields<C extends ClassName> = {
  readonly [F in keyof FieldsSchema<C>]: FieldsSchema<C>[F] extends { type: infer T extends string } ? ValueOf<T> : never;
};

/** Name of a field of a class. */
export type FieldName<C extends ClassName> = keyof FieldsSchema<C> & string;

/** What a constructor gets: the fields that it takes, checked, with defaults filled in. */
export type ConstructorArguments<C extends ClassName> = {
  readonly [F in keyof FieldsSchema<C> as FieldsSchema<C>[F] extends { kind: 'RW' | 'StaticRO' }
    ? F
    : never]: FieldsSchema<C>[F] extends {
    type: infer T extends string;
  }
    ? ValueOf<T>
    : never;
};

/** Name of an explicit message of a class. */
export type ExplicitMessage<C extends ClassName> = keyof Classes[C]['messages'] & string;

type ParamTypes<P> = P extends readonly [{ readonly type: infer T extends string }, ...infer Rest]
  ? [ValueOf<T>, ...ParamTypes<Rest>]
  : [];

/** Arguments of an explicit message, without the session. */
export type MessageArguments<C extends ClassName, M extends ExplicitMessage<C>> = Classes[C]['messages'][M] extends {
  params: infer P;
}
  ? ParamTypes<P>
  : never;

/** Result of an explicit message. */
export type MessageResult<C extends ClassName, M extends ExplicitMessage<C>> = Classes[C]['messages'][M] extends {
  result: infer R extends string;
}
  ? ValueOf<R>
  : never;

/** Classes that have a `create` and a `destroy` which follow from their fields. */
export type ConstructibleClass = {
  [C in ClassName]: Classes[C] extends { constructible: true } ? C : never;
}[ClassName];

export type { ClassSchema, FieldSchema, MessageSchema };
