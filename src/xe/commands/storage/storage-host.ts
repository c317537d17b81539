import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { masterOf, refOf } from '../support.js';

/**
 * The host that a command for storage works on: the one that it names, else the master, where that is what anybody would mean.
 * Throws CommandFailure where a pool has several hosts and only one of them can be meant.
 */
export function storageHost(context: CommandContext, masterByDefault: boolean): Ref<'host'> {
  const { api, parameters } = context;
  if (parameters.has('host-uuid')) return refOf(context, 'host', 'host-uuid');
  if (!masterByDefault && api.records('host').size !== 1) throw new CommandFailure('Required parameter not found: host-uuid');
  return masterOf(api);
}
