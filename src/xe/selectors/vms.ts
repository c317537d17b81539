import { toDateTime } from '../../model/datetime.js';
import type { CommandContext } from '../command.js';
import { recordClass } from '../records/classes.js';
import type { Target } from '../records/record-class.js';
import { parseInteger } from '../values.js';
import { matching } from './matching.js';
import { onEach } from './on-each.js';

/** Which VMs besides ordinary ones may be selected. */
export interface VmSelection {
  readonly templates?: boolean;
  readonly controlDomains?: boolean;
}

/** Messages below this priority are told after work on a VM; smaller numbers matter more. */
const MESSAGE_PRIORITY = 5;

const WORDING = { none: 'VMs', several: 'Multiple matches VMs found. ', one: 'VM' };

/** The VMs that a command line selects, however many. Throws CommandFailure for a filter that cannot be. */
export async function selectVms(context: CommandContext, selection: VmSelection = {}): Promise<readonly Target<'VM'>[]> {
  const { api } = context;
  const all: Target<'VM'>[] = [];
  for (const [ref, record] of api.records('VM')) {
    const { is_control_domain, is_a_template } = record.fields;
    if ((is_control_domain && !selection.controlDomains) || (is_a_template && !selection.templates)) continue;
    all.push({ api, ref, record });
  }
  return matching(
    context,
    recordClass('vm'),
    all,
    ({ record: { fields } }, value) => fields.uuid === value || fields.name_label === value,
  );
}

/**
 * Does work on the VMs that a command line selects, one or with `--multiple` several; tells of new messages about each.
 * Throws what `onEach` throws.
 */
export async function onVms<T>(
  context: CommandContext,
  work: (vm: Target<'VM'>) => Promise<T> | T,
  { single = false, ...selection }: VmSelection & { readonly single?: boolean } = {},
): Promise<T[]> {
  const priority = context.parameters.find('message-priority');
  const below = priority === undefined ? MESSAGE_PRIORITY : parseInteger('message-priority', priority);
  const vms = await selectVms(context, selection);
  return onEach(
    context,
    vms,
    async (vm) => {
      // Times have whole seconds: what is of this second already is known by reference.
      const since = toDateTime(Date.now() - 1000);
      const known = await messagesOf(context, vm, since);
      const result = await work(vm);
      for (const [ref, { fields }] of await messagesOf(context, vm, since)) {
        if (known.has(ref) || fields.priority >= below) continue;
        context.printer.note(`Message: time=${fields.timestamp} priority=${fields.priority} name='${fields.name}'\n`);
      }
      return result;
    },
    { wording: WORDING, single },
  );
}

function messagesOf({ api }: CommandContext, vm: Target<'VM'>, since: string) {
  return api.call('message', 'get', 'VM', vm.record.fields.uuid, since);
}
