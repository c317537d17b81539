import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';

/** Gives the disk that an update lies on the name of the update, so that people know what it is. */
export async function nameUpdateDisk({ api }: CommandContext, update: Ref<'pool_update'>): Promise<void> {
  const { vdi, name_label: name } = api.record('pool_update', update).fields;
  await api.call('VDI', 'set_name_label', vdi, name);
}
