import { ApiError } from '../model/error.js';
import { type MessageModel, messageModels } from '../model/message-model.js';
import type { Ref } from '../model/ref.js';
import type { ClassName, Fields } from '../model/types.js';
import type { Behaviours, Grade } from './behaviour.js';
import { gradeOf } from './behaviour.js';
import { type Answer, type AnySetter, readAnswer, writeAnswer } from './implicit.js';

/** A message with the answer to it. */
export interface Method {
  readonly message: MessageModel;
  readonly answer: Answer;
  readonly grade: Grade;
  /** Parameters that a call must have. */
  readonly required: number;
}

/** A class's behaviour without the types of its class, for a table that holds all classes. */
interface AnyBehaviour {
  readonly messages?: { readonly [message: string]: ((...args: never[]) => unknown) | undefined };
  readonly create?: (...args: never[]) => unknown;
  readonly destroy?: (...args: never[]) => unknown;
  readonly refuses?: { readonly create?: readonly string[]; readonly destroy?: readonly string[] };
  readonly setters?: { readonly [field: string]: AnySetter | undefined };
}

/** Every message by its name on the wire, in both spellings. */
export class MethodTable {
  readonly #methods = new Map<string, Method>();
  readonly list: readonly Method[];

  constructor(behaviours: Behaviours) {
    this.list = messageModels.map((message) => build(message, (behaviours[message.class.name] ?? {}) as AnyBehaviour));
    for (const method of this.list) {
      const { class: model, name, fullName } = method.message;
      this.#methods.set(fullName, method);
      this.#methods.set(`${model.name}_${name}`, method);
    }
  }

  find(name: string): Method | undefined {
    return this.#methods.get(name);
  }
}

function build(message: MessageModel, behaviour: AnyBehaviour): Method {
  const required = message.params.filter((p) => !p.optional).length;
  const read = readAnswer(message);
  if (read) return { message, answer: read, grade: 'implemented', required };
  switch (message.kind) {
    case 'explicit': {
      const handler = behaviour.messages?.[message.name];
      return {
        message,
        answer: explicitAnswer(message, handler),
        grade: message.removed ? 'refused' : gradeOf(handler),
        required,
      };
    }
    case 'create':
      return {
        message,
        answer: createAnswer(message, behaviour),
        grade: behaviour.refuses?.create ? 'refused' : 'implemented',
        required,
      };
    case 'destroy':
      return {
        message,
        answer: destroyAnswer(message, behaviour),
        grade: behaviour.refuses?.destroy ? 'refused' : 'implemented',
        required,
      };
    default:
      return {
        message,
        answer: writeAnswer(message, behaviour.setters?.[message.field?.name ?? '']),
        grade: 'implemented',
        required,
      };
  }
}

function explicitAnswer(message: MessageModel, handler: ((...args: never[]) => unknown) | undefined): Answer {
  if (!handler) {
    return () => {
      throw new ApiError('NOT_IMPLEMENTED', message.fullName);
    };
  }
  return (call, args) => handler(...([call, ...args] as never[]));
}

function refusal(error: readonly string[]): Answer {
  const [code, ...params] = error as [ConstructorParameters<typeof ApiError>[0], ...string[]];
  return () => {
    throw new ApiError(code, ...params);
  };
}

function createAnswer(message: MessageModel, behaviour: AnyBehaviour): Answer {
  const { create, refuses } = behaviour;
  if (refuses?.create) return refusal(refuses.create);
  if (create) return (call, [args]) => create(...([call, args] as never[]));
  return ({ api }, [args]) => api.db.create(message.class.name, args as Partial<Fields<ClassName>>);
}

function destroyAnswer(message: MessageModel, behaviour: AnyBehaviour): Answer {
  const { destroy, refuses } = behaviour;
  if (refuses?.destroy) return refusal(refuses.destroy);
  if (destroy) return (call, [self]) => destroy(...([call, self as Ref<ClassName>] as never[]));
  return ({ api }, [self]) => api.db.destroy(message.class.name, self as string);
}
