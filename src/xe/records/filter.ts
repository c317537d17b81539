import { CommandFailure } from '../failure.js';
import { type Parameter, type Parameters, STANDARD_PARAMETERS } from '../parameters.js';
import { type FieldPath, fieldPath } from './field-path.js';
import type { RecordClass, Soon, Target } from './record-class.js';
import { shownValue } from './show.js';
import { Stretch } from './stretch.js';

type Test = (target: Target) => Soon<boolean>;

/** The parameters of a list that choose among its objects: all that do not say how it is printed, or from where. */
export function filtersOf(parameters: Parameters): readonly Parameter[] {
  return parameters.list.filter(
    ({ name }) => name !== 'params' && !name.startsWith('database:') && !STANDARD_PARAMETERS.has(name),
  );
}

/**
 * Those objects that pass every filter: `field=value` compares what is printed, `map:key=value` and `set:contains=value`
 * look inside. Once nothing is left, the filters that follow are not looked at, so an unknown field is no mistake then.
 * Rejects with CommandFailure on a filter that cannot be one.
 */
export async function filterTargets(
  recordClass: RecordClass,
  targets: readonly Target[],
  filters: readonly Parameter[],
): Promise<readonly Target[]> {
  let left = targets;
  for (const { name, value } of filters) {
    if (left.length === 0) break;
    left = await passing(left, testOf(fieldPath(recordClass, name), value));
  }
  return left;
}

/** One after the other: what needs a call for each object must not make thousands of calls at once. */
async function passing(targets: readonly Target[], test: Test): Promise<readonly Target[]> {
  const left: Target[] = [];
  const stretch = new Stretch();
  for (const target of targets) {
    if (stretch.isLong) await stretch.rest();
    const verdict = test(target);
    if (typeof verdict === 'boolean' ? verdict : await verdict) left.push(target);
  }
  return left;
}

function testOf(path: FieldPath, value: string): Test {
  const { field } = path;
  switch (path.kind) {
    case 'whole':
      if (!field.ignoresCase) return (target) => soon(shownValue(field, target), (text) => text === value);
      return (target) => soon(shownValue(field, target), (text) => text.toLowerCase() === value.toLowerCase());
    case 'key':
      return (target) => soon(path.field.entries(target), (entries) => entries.get(path.key) === value);
    case 'member':
      if (path.word !== 'contains')
        throw new CommandFailure('Invalid syntax for set filtering (should be set-param:contains=key)');
      return (target) => soon(path.field.members(target), (members) => members.includes(value));
  }
}

/** Goes on with a value, now when it is there now. */
function soon<T extends string | object, R>(value: T | Promise<T>, next: (value: T) => R): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
