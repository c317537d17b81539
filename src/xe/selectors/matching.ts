import type { ClassName } from '../../model/types.js';
import type { Command } from '../command.js';
import { type Parameter, type Parameters, STANDARD_PARAMETERS } from '../parameters.js';
import { filterTargets } from '../records/filter.js';
import type { RecordClass, Target } from '../records/record-class.js';

/** Whether a target is what the value of the selector's own parameter (`vm=`, `host=`, `sr=`) names. */
export type Named<C extends ClassName> = (target: Target<C>, value: string) => boolean;

/**
 * Those targets that a command line selects: by the selector's own parameter, and by every field filter among the
 * parameters that are none of the command. Without any of them all are.
 */
export async function matching<C extends ClassName>(
  { command, parameters }: { command: Command; parameters: Parameters },
  recordClass: RecordClass,
  all: readonly Target<C>[],
  named: Named<C>,
): Promise<readonly Target<C>[]> {
  let left = all;
  for (const parameter of parameters.list) {
    if (parameter.name === command.selectors) left = left.filter((target) => named(target, parameter.value));
    else if (isFilter(command, parameter)) left = (await filterTargets(recordClass, left, [parameter])) as readonly Target<C>[];
  }
  return left;
}

function isFilter(command: Command, { name }: Parameter): boolean {
  if (STANDARD_PARAMETERS.has(name) || name.startsWith('database:')) return false;
  const own = [...command.required, ...command.optional, ...(command.undeclared ?? [])];
  // Some maps are listed without their colon.
  return !own.some((option) => name === option || name.startsWith(option.endsWith(':') ? option : `${option}:`));
}
