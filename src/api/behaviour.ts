import type { ErrorCode } from '../model/error.js';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type {
  ClassName,
  ConstructorArguments,
  ExplicitMessage,
  FieldName,
  Fields,
  MessageArguments,
  MessageResult,
} from '../model/types.js';
import type { Call } from './call.js';

/** How far a message is answered. */
export type Grade = 'implemented' | 'stored-only' | 'refused';

/** Does the work of one explicit message. What it throws, the client gets. */
export type Handler<C extends ClassName, M extends ExplicitMessage<C>> = (
  call: Call,
  ...args: MessageArguments<C, M>
) => MessageResult<C, M> | Promise<MessageResult<C, M>>;

/** Takes the place of storing a value. For sets and maps it gets the whole new value, add_ and remove_ included. */
export type Setter<C extends ClassName, F extends FieldName<C>> = (
  call: Call,
  self: Ref<C>,
  value: Fields<C>[F],
) => void | Promise<void>;

/** What a class does beyond what follows from its fields. */
export interface ClassBehaviour<C extends ClassName> {
  readonly messages?: { readonly [M in ExplicitMessage<C>]?: Handler<C, M> };
  /** Replaces the constructor that only stores. */
  readonly create?: (call: Call, args: ConstructorArguments<C>) => Ref<C> | Promise<Ref<C>>;
  /** Replaces the destructor that only removes. */
  readonly destroy?: (call: Call, self: Ref<C>) => void | Promise<void>;
  /** Constructor and destructor are refused with these errors. */
  readonly refuses?: {
    readonly create?: readonly [ErrorCode, ...string[]];
    readonly destroy?: readonly [ErrorCode, ...string[]];
  };
  readonly setters?: { readonly [F in FieldName<C>]?: Setter<C, F> };
}

const grades = new WeakMap<object, Grade>();

/** Marks a handler that keeps what it is given and does nothing else; the coverage page says so. */
export function storedOnly<H extends (...args: never[]) => unknown>(handler: H): H {
  grades.set(handler, 'stored-only');
  return handler;
}

/** A handler that always fails with this error, as the original does or because the feature is not there. */
export function refused(code: ErrorCode, ...params: string[]): () => never {
  const handler = (): never => {
    throw new ApiError(code, ...params);
  };
  grades.set(handler, 'refused');
  return handler;
}

/** Marks a handler that checks what the original checks and then always fails. */
export function markRefusal<H extends (...args: never[]) => unknown>(handler: H): H {
  grades.set(handler, 'refused');
  return handler;
}

/** How far a handler goes. */
export function gradeOf(handler: object | undefined): Grade {
  if (!handler) return 'refused';
  return grades.get(handler) ?? 'implemented';
}

/** Behaviour of all classes that have some. */
export type Behaviours = { readonly [C in ClassName]?: ClassBehaviour<C> };
