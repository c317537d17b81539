import type { CommandContext } from '../command.js';
import { recordClass } from '../records/classes.js';
import type { Target } from '../records/record-class.js';
import { matching } from './matching.js';
import { onEach } from './on-each.js';

/** The original speaks of hosts when no SR matches, and scripts know it so. */
const WORDING = { none: 'hosts', several: 'Multiple matching SRs found. ', one: 'SR' };

/** The SRs that a command line selects, however many. Throws CommandFailure for a filter that cannot be. */
export async function selectSrs(context: CommandContext): Promise<readonly Target<'SR'>[]> {
  const { api } = context;
  const all = [...api.records('SR')].map(([ref, record]) => ({ api, ref, record }));
  return matching(
    context,
    recordClass('sr'),
    all,
    ({ record: { fields } }, value) => fields.uuid === value || fields.name_label === value,
  );
}

/** Does work on the SRs that a command line selects. Throws what `onEach` throws. */
export async function onSrs<T>(
  context: CommandContext,
  work: (sr: Target<'SR'>) => Promise<T> | T,
  { single = false }: { readonly single?: boolean } = {},
): Promise<T[]> {
  return onEach(context, await selectSrs(context), work, { wording: WORDING, single });
}
