import { asRef } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import { eventFields } from '../../wire/event-fields.js';
import type { Command, CommandContext } from '../command.js';
import { CommandExit, CommandFailure } from '../failure.js';
import { STANDARD_PARAMETERS } from '../parameters.js';
import { recordClass } from '../records/classes.js';
import type { Field, RecordClass, Target } from '../records/record-class.js';
import { shownValue } from '../records/show.js';
import { allTargets } from '../records/targets.js';

/** Classes whose objects can be waited for. */
const CLASSES: ReadonlySet<string> = new Set([
  'vm',
  'vdi',
  'sr',
  'host',
  'network',
  'vif',
  'pif',
  'vbd',
  'pbd',
  'pool',
  'task',
  'subject',
  'role',
  'secret',
  'vmss',
]);

/** Begins the value of a condition that a field must not have: `key=/=value`. */
const DIFFERS = '/=';

/** Seconds that one question for changes lasts. */
const PATIENCE = 30;

/** Waiting for what happens. */
export const eventCommands: readonly Command[] = [
  {
    name: 'event-wait',
    required: ['class'],
    optional: [],
    description:
      'Waits until an object of a class has all the given values: FIELD=VALUE, or FIELD=/=VALUE for any other. Fields are those that lists show.',
    run: wait,
  },
];

/** What a field has to be, or not to be. */
interface Condition {
  readonly field: Field;
  readonly value: string;
  readonly equal: boolean;
}

async function wait(context: CommandContext): Promise<void> {
  const { api, client, parameters } = context;
  const name = parameters.required('class').toLowerCase();
  if (!CLASSES.has(name))
    throw new CommandFailure(`Cli listening for class '${parameters.required('class')}' not currently implemented`);
  const waited = recordClass(name);
  const conditions = conditionsOf(context, waited);
  // Where one stands first, so that nothing between the first look and the first question is missed.
  let { token } = await api.call('event', 'from', [waited.of], '', 0);
  let candidates = allTargets(api, waited);
  while (!(await anyMeets(candidates, conditions))) {
    const asked = performance.now();
    const batch = await api.call('event', 'from', [waited.of], token, PATIENCE);
    if (client.signal.aborted) throw new CommandExit(1);
    token = batch.token;
    candidates = batch.events.flatMap((event) => {
      const { ref, snapshot } = eventFields(event);
      return snapshot === undefined ? [] : [{ api, ref: asRef<ClassName>(ref), record: snapshot }];
    });
    // A question that is answered too soon and with nothing is the last one of a server that ends.
    if (batch.events.length === 0 && performance.now() - asked < (PATIENCE * 1000) / 2)
      throw new CommandFailure('The server ends, and what was waited for has not happened');
  }
}

function conditionsOf({ parameters }: CommandContext, { fields }: RecordClass): readonly Condition[] {
  return parameters.list
    .filter(({ name }) => name !== 'class' && !STANDARD_PARAMETERS.has(name))
    .map(({ name, value }) => {
      const field = fields.find((one) => one.name === name);
      if (!field) throw new CommandFailure(`Unknown field '${name}'`);
      const equal = !value.startsWith(DIFFERS);
      return { field, value: equal ? value : value.slice(DIFFERS.length), equal };
    });
}

async function anyMeets(targets: readonly Target[], conditions: readonly Condition[]): Promise<boolean> {
  for (const target of targets) if (await meets(target, conditions)) return true;
  return false;
}

async function meets(target: Target, conditions: readonly Condition[]): Promise<boolean> {
  for (const { field, value, equal } of conditions) if (((await shownValue(field, target)) === value) !== equal) return false;
  return true;
}
