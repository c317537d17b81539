import { createHash } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { badPowerState } from '../../operations/rules/VM/refusal.js';
import { anyHost } from '../../placement/choose-host.js';
import { requiredSrs, seesSr } from '../../placement/visibility.js';
import { storageForVdi, volumeAddress } from '../../storage/volumes.js';
import type { VmMessages } from './messages.js';

/** Where the memory of a suspended VM lies. */
export const suspendImage: VmMessages = {
  set_suspend_VDI: async (call, self, value) => {
    const { api } = call;
    const { db } = api;
    const vm = db.get('VM', self);
    if (vm.power_state !== 'Suspended') throw badPowerState(self, ['Suspended'], vm.power_state);
    const image = db.get('VDI', value);
    if (image.type === 'cbt_metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', self, image.type);
    if (value === vm.suspend_VDI) return;
    const srs = [...requiredSrs(db, { ...vm, suspend_VDI: value })];
    anyHost(api, (host) => srs.every((sr) => seesSr(db, sr, host)));
    const [old, wanted] = await Promise.all([checksum(call, vm.suspend_VDI), checksum(call, value)]);
    if (old !== wanted) {
      const named = (vdi: Ref<'VDI'>, sum: string) => `${db.get('VDI', vdi).uuid} : ${sum}`;
      throw new ApiError('SUSPEND_VDI_REPLACEMENT_IS_NOT_IDENTICAL', named(vm.suspend_VDI, old), named(value, wanted));
    }
    db.set('VM', self, { suspend_VDI: value });
  },
};

/** A digest of all bytes of a disk. Rejects with TASK_CANCELLED when told to stop. */
async function checksum({ api, task }: Call, vdi: Ref<'VDI'>): Promise<string> {
  const hash = createHash('md5');
  const stream = await storageForVdi(api, vdi).read(volumeAddress(api, vdi));
  for await (const chunk of stream) {
    task.check();
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
