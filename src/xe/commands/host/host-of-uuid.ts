import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';

/** The host that `uuid` selects; some commands speak of one that is not there as of a filter that finds nothing. Throws CommandFailure. */
export function hostOfUuid({ api, parameters }: CommandContext): Ref<'host'> {
  const uuid = parameters.required('uuid');
  for (const [ref, { fields }] of api.records('host')) {
    if (fields.uuid === uuid) return ref;
  }
  throw new CommandFailure('No matching hosts found');
}
