import type { Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import { CommandFailure } from '../../failure.js';

/** The host that a user names by its uuid or its name. Throws CommandFailure when none is called so, or several are. */
export function hostNamed(api: ApiClient, text: string): Ref<'host'> {
  const [first, second] = [...api.records('host')].filter(([, { fields }]) => fields.uuid === text || fields.name_label === text);
  if (!first) throw new CommandFailure(`No host has the name or uuid ${text}`);
  if (second) throw new CommandFailure(`Several hosts have the name ${text}`);
  return first[0];
}
