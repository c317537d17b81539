import type { Ref } from '../../model/ref.js';
import type { CommandContext } from '../command.js';
import { forgetTask, resultOf, waitForTask } from './wait.js';

/** What turns while work goes on. */
const SPINNER = ['|', '/', '-', '\\'];

/** Characters of a full bar. */
const BAR = 70;

/**
 * Runs the asynchronous form of a message to its end, with a line of progress for each change where the command line has
 * a parameter `progress`. The task is gone afterwards; when the client goes before, as soon as its work has ended.
 * Rejects with the ApiError that it has failed with. Resolves to its result.
 */
export async function runTask(context: CommandContext, start: () => Promise<Ref<'task'>>): Promise<string> {
  const task = await start();
  const shown = context.parameters.has('progress');
  let turn = 0;
  try {
    const fields = await waitForTask(context, task, ({ progress }) => {
      if (shown) context.printer.note(progressLine(progress, SPINNER[turn++ % SPINNER.length] ?? ''));
    });
    return resultOf(task, fields);
  } finally {
    await forgetTask(context, task);
  }
}

function progressLine(progress: number, spinner: string): string {
  const percent = String(Math.floor(progress * 100)).padStart(3);
  return `\r ${percent}% ${spinner} ${'#'.repeat(Math.floor(progress * BAR))}`;
}
