import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, isErrorCode } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { XeProtocolError } from '../../wire/xe/protocol-error.js';
import type { CommandContext } from '../command.js';

/** Seconds that one question for changes lasts. */
const PATIENCE = 30;

/** Milliseconds until the next question after an answer without news. A server that ends answers at once, and its tasks need their turns. */
const PAUSE = 100;

type TaskFields = Fields<'task'>;

/**
 * Waits through events until a task has ended; `onChange` sees it at first and after each change. Rejects with
 * XeProtocolError when the client has gone, with ApiError when the task has.
 */
export async function waitForTask(
  { api, client }: Pick<CommandContext, 'api' | 'client'>,
  task: Ref<'task'>,
  onChange: (fields: TaskFields) => void = () => undefined,
): Promise<TaskFields> {
  let token = '';
  for (;;) {
    const batch = await api.call('event', 'from', [`task/${task}`], token, PATIENCE);
    token = batch.token;
    if (client.signal.aborted) throw new XeProtocolError('the client has gone');
    const { fields } = api.record('task', task);
    onChange(fields);
    if (fields.status !== 'pending' && fields.status !== 'cancelling') return fields;
    if (batch.events.length === 0) await sleep(PAUSE);
  }
}

/** The result of a task that has ended. Throws the ApiError that it has failed with. */
export function resultOf(task: Ref<'task'>, { status, result, error_info: [code = '', ...params] }: TaskFields): string {
  if (status === 'success') return result;
  if (status === 'cancelled') throw new ApiError('TASK_CANCELLED', task);
  if (isErrorCode(code)) throw new ApiError(code, ...params);
  throw new ApiError('INTERNAL_ERROR', [code, ...params].join(', '));
}

/** Destroys a task, whether it has ended or its work goes on; one that is gone already is no error. */
export async function forgetTask({ api }: Pick<CommandContext, 'api'>, task: Ref<'task'>): Promise<void> {
  try {
    await api.call('task', 'destroy', task);
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
  }
}
