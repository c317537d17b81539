import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import type { ApiClient } from '../../api/api-client.js';

/** A drive with a disk in it. */
export interface Drive {
  readonly vm: Ref<'VM'>;
  readonly vdi: Ref<'VDI'>;
  /** Position, as VBD.userdevice has it. */
  readonly device: string;
  readonly type: EnumValue<'vbd_type'>;
  readonly mode: EnumValue<'vbd_mode'>;
  readonly unpluggable: boolean;
  readonly otherConfig?: ReadonlyMap<string, string>;
}

/** Gives a VM a drive, and plugs it in where the VM is in a state for that; a VM that is not sees it at its next start. */
export async function attachDisk(api: ApiClient, drive: Drive): Promise<void> {
  const vbd = await api.create('VBD', {
    VM: drive.vm,
    VDI: drive.vdi,
    userdevice: drive.device,
    bootable: false,
    mode: drive.mode,
    type: drive.type,
    unpluggable: drive.unpluggable,
    empty: false,
    other_config: drive.otherConfig ?? new Map(),
    qos_algorithm_type: '',
    qos_algorithm_params: new Map(),
  });
  try {
    await api.call('VBD', 'plug', vbd);
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
  }
}
