import { ApiError } from '../../model/error.js';
import type { ClassName } from '../../model/types.js';
import type { CommandContext } from '../command.js';
import { errorText } from '../errors/error-text.js';
import { CommandExit, CommandFailure } from '../failure.js';
import type { Target } from '../records/record-class.js';

/** How a kind of object is spoken of when the number selected is wrong. */
export interface Wording {
  /** Plural in `No matching ... found`. */
  readonly none: string;
  /** How it begins when there are several. */
  readonly several: string;
  /** Name of one. */
  readonly one: string;
}

/**
 * Does work on each of the objects that a command line has selected: one, or several where it says so. What fails on one
 * of several does not keep the others from their turn; the failures are told at the end, the last one first.
 * Throws CommandFailure when none or too many are selected, CommandExit after failures among several.
 */
export async function onEach<C extends ClassName, T>(
  context: CommandContext,
  targets: readonly Target<C>[],
  work: (target: Target<C>) => Promise<T> | T,
  { wording, single }: { wording: Wording; single: boolean },
): Promise<T[]> {
  const [first, second] = targets;
  if (!first) throw new CommandFailure(`No matching ${wording.none} found`);
  if (!second) return [await work(first)];
  if (single) throw new CommandFailure(`${wording.several}Operation can only be performed on one ${wording.one} at a time`);
  if (!context.parameters.boolean('multiple'))
    throw new CommandFailure(`${wording.several}--multiple required to complete the operation`);
  const results: T[] = [];
  const failures: string[] = [];
  for (const target of targets) {
    try {
      results.push(await work(target));
    } catch (thrown) {
      failures.unshift(
        `operation failed on ${target.api.uuid(target.record.className, target.ref)}: ${failureText(context, thrown)}`,
      );
    }
  }
  if (failures.length === 0) return results;
  for (const failure of failures) context.client.print(failure);
  throw new CommandExit(1);
}

/** What went wrong with one of several. Anything but an answer of the API or of the command is thrown on. */
function failureText({ api }: CommandContext, thrown: unknown): string {
  if (thrown instanceof CommandFailure) return thrown.message;
  if (!(thrown instanceof ApiError)) throw thrown;
  const text = errorText(thrown, api);
  return text.known ? text.lines.join('\n') : [text.code, ...text.params].join('\n');
}
