import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { XeProtocolError } from '../../wire/xe/protocol-error.js';
import type { CommandContext } from '../command.js';
import { ClientWordedError, CommandFailure } from '../failure.js';
import { forgetTask, resultOf, waitForTask } from './wait.js';

/** A file that goes between the client's machine and a path of this server. */
export interface Transfer {
  /** Name of the task, for people. */
  readonly label: string;
  /** On the client's machine; empty for its standard output. */
  readonly fileName: string;
  /** `/export` */
  readonly path: string;
  /** Besides session and task. */
  readonly query?: Readonly<Record<string, string>>;
  /** A task of the user's own that shows the transfer and stays. */
  readonly taskUuid?: string;
  /** Sees the share that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Milliseconds after which the reason for a failed request has reached its task. */
const REASON_TIME = 1000;

/** Share of a task that no handler has taken up yet. */
const UNTOUCHED = -1;

/** Milliseconds that a handler may take to take up a task after the client has said that its request is done. */
const UNTOUCHED_TIME = 10_000;

/** Has the client fetch a path into a file. Resolves to the result of the task; rejects with the ApiError that it failed with. */
export function download(context: CommandContext, transfer: Transfer): Promise<string> {
  return run(context, transfer, (url) => context.client.httpGet(transfer.fileName, url));
}

/** Has the client send a file to a path. Resolves to the result of the task; rejects with the ApiError that it failed with. */
export function upload(context: CommandContext, transfer: Transfer): Promise<string> {
  return run(context, transfer, (url) => context.client.httpPut(transfer.fileName, url));
}

async function run(context: CommandContext, transfer: Transfer, request: (url: string) => Promise<boolean>): Promise<string> {
  const { api } = context;
  const { label, taskUuid } = transfer;
  const task = taskUuid === undefined ? await api.call('task', 'create', label, '') : api.byUuid('task', taskUuid);
  if (taskUuid !== undefined && api.get('task', task, 'status') !== 'pending')
    throw new CommandFailure('The task has ended already');
  let ended = false;
  try {
    await api.call('task', 'set_progress', task, UNTOUCHED);
    const outcome = await outcomeOf(context, transfer, task, request(urlOf(api.session, task, transfer)));
    ended = true;
    return outcome;
  } finally {
    // A handler that is at work for nobody stops.
    if (!ended) await api.call('task', 'cancel', task).catch(() => undefined);
    if (taskUuid === undefined) await forgetTask(context, task);
  }
}

function urlOf(session: string, task: string, { path, query = {} }: Transfer): string {
  const own = { session_id: session, task_id: task };
  // First for people who read it, and last because some commands hand on whatever the user has given.
  return `${path}?${new URLSearchParams({ ...own, ...query, ...own }).toString().replaceAll('+', '%20')}`;
}

async function outcomeOf(
  context: CommandContext,
  { onProgress }: Transfer,
  task: Ref<'task'>,
  requested: Promise<boolean>,
): Promise<string> {
  let share = UNTOUCHED;
  const ended = waitForTask(context, task, ({ progress, status }) => {
    share = progress;
    // A task that has failed counts as done, too.
    if (progress >= 0 && (status === 'pending' || status === 'success')) onProgress?.(progress);
  });
  // What becomes of the task is asked for below; when the client goes first nobody asks.
  ended.catch(() => undefined);
  if (!(await requested)) {
    await sleep(REASON_TIME);
    const { error_info: reason } = context.api.record('task', task).fields;
    if (reason.length === 0) throw new ClientWordedError('CLIENT_ERROR');
    return resultOf(task, { ...context.api.record('task', task).fields, status: 'failure' });
  }
  const neverBegun = async () => {
    // Mostly nobody waits for this any more, and the end of the daemon does not either.
    await sleep(UNTOUCHED_TIME, undefined, { ref: false });
    if (share === UNTOUCHED) throw new ClientWordedError('CLIENT_ERROR');
    return ended;
  };
  try {
    return resultOf(task, await Promise.race([ended, neverBegun()]));
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'HANDLE_INVALID')
      throw new XeProtocolError('the task of a transfer has gone');
    throw thrown;
  }
}
