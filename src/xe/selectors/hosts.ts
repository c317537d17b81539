import type { CommandContext } from '../command.js';
import { recordClass } from '../records/classes.js';
import type { Target } from '../records/record-class.js';
import { matching } from './matching.js';
import { onEach } from './on-each.js';

const WORDING = { none: 'hosts', several: 'Multiple matching hosts found. ', one: 'host' };

/** The hosts that a command line selects, however many. Throws CommandFailure for a filter that cannot be. */
export async function selectHosts(context: CommandContext): Promise<readonly Target<'host'>[]> {
  const { api } = context;
  const all = [...api.records('host')].map(([ref, record]) => ({ api, ref, record }));
  return matching(context, recordClass('host'), all, ({ record: { fields } }, value) =>
    [fields.uuid, fields.hostname, fields.name_label].includes(value),
  );
}

/** Does work on the hosts that a command line selects. Throws what `onEach` throws. */
export async function onHosts<T>(
  context: CommandContext,
  work: (host: Target<'host'>) => Promise<T> | T,
  { single = false }: { readonly single?: boolean } = {},
): Promise<T[]> {
  return onEach(context, await selectHosts(context), work, { wording: WORDING, single });
}
