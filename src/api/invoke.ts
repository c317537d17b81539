import { ApiError, toApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type { ClassName, ConstructibleClass, ExplicitMessage, MessageArguments, MessageResult } from '../model/types.js';
import { taskResultXml } from '../wire/protocol.js';
import type { Call } from './call.js';

/**
 * Sends a message on behalf of a call, as if its client had sent it: for work that consists of other messages. The work
 * runs as part of the call's task.
 */
export async function invoke<C extends ClassName, M extends ExplicitMessage<C>>(
  call: Call,
  className: C,
  name: M,
  ...args: MessageArguments<C, M>
): Promise<MessageResult<C, M>> {
  const method = call.api.methods.find(`${className}.${name}`);
  if (!method) throw new Error(`no message ${className}.${name}`);
  const { message } = method;
  return (await method.answer({ ...call, message, method: message.fullName }, args)) as MessageResult<C, M>;
}

/** Sends the `destroy` that follows from a class's fields on behalf of a call. */
export async function invokeDestroy<C extends ConstructibleClass>(call: Call, className: C, ref: Ref<C>): Promise<void> {
  const method = call.api.methods.find(`${className}.destroy`);
  if (!method) throw new Error(`no message ${className}.destroy`);
  const { message } = method;
  await method.answer({ ...call, message, method: message.fullName }, [ref]);
}

/**
 * Sends the asynchronous form of a message: the work has a task of its own below the call's, which shows how far it is
 * and goes when it has ended. Cancelling the call's task cancels it.
 */
export async function invokeAsTask<C extends ClassName, M extends ExplicitMessage<C>>(
  call: Call,
  className: C,
  name: M,
  ...args: MessageArguments<C, M>
): Promise<MessageResult<C, M>> {
  const { api, session } = call;
  const method = api.methods.find(`${className}.${name}`);
  if (!method) throw new Error(`no message ${className}.${name}`);
  const ref = api.tasks.create({ name: `Async.${className}.${name}`, session, host: api.localHost, subtaskOf: call.task.ref });
  const cancel = () => api.tasks.cancel(ref, call.task.ref);
  call.task.signal.addEventListener('abort', cancel);
  try {
    const result = await invoke({ ...call, task: api.tasks.begin(ref) }, className, name, ...args);
    api.tasks.succeed(ref, taskResultXml(method.message.result, result));
    return result;
  } catch (thrown) {
    api.tasks.fail(ref, toApiError(thrown));
    throw thrown;
  } finally {
    call.task.signal.removeEventListener('abort', cancel);
    if (api.db.exists('task', ref)) api.tasks.destroy(ref, call.task.ref);
  }
}

/** The reason that work failed with, or undefined when it did not. Anything but an ApiError is thrown on. */
export async function failureOf(work: () => unknown): Promise<ApiError | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown;
    throw thrown;
  }
}
