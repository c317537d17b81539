import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure, MissingParameter } from '../../failure.js';

/**
 * The snapshot that a command line names with snapshot-uuid or uuid, the former where both are there. Throws ApiError
 * UUID_INVALID, MissingParameter, and CommandFailure for a VM that is no snapshot.
 */
export function snapshotNamed({ api, parameters }: CommandContext): Ref<'VM'> {
  const uuid = parameters.find('snapshot-uuid') ?? parameters.find('uuid');
  if (uuid === undefined) throw new MissingParameter('snapshot-uuid');
  const snapshot = api.byUuid('VM', uuid);
  if (!api.get('VM', snapshot, 'is_a_snapshot')) throw new CommandFailure(`${uuid} is no snapshot of a VM`);
  return snapshot;
}
