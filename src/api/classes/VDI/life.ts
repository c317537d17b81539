import { createHash } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassBehaviour } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { storageForVdi, volumeAddress } from '../../storage/placement.js';
import { removeVdiRecord } from '../../storage/vdi-record.js';
import { recordChange, statVolume } from '../../storage/volume-state.js';
import { assertManaged } from '../../storage/volumes.js';

/** What becomes of a disk. */
export const lifeMessages: ClassBehaviour<'VDI'>['messages'] = {
  resize: (call, vdi, size) => resize(call, vdi, size, 'resize'),
  resize_online: (call, vdi, size) => resize(call, vdi, size, 'resize_online'),
  update: ({ api, task }, vdi) =>
    api.operations.run(task, [target('VDI', vdi, 'update')], async () => {
      // Of a disk whose data was destroyed, storage knows nothing.
      if (api.db.get('VDI', vdi).type !== 'cbt_metadata') await recordChange(api, vdi, await statVolume(api, vdi));
    }),
  forget: ({ api, task }, vdi) => api.operations.run(task, [target('VDI', vdi, 'forget')], () => removeVdiRecord(api.db, vdi)),
  checksum: async ({ api, task }, vdi) => {
    const digest = createHash('md5');
    const { virtual_size: size } = api.db.get('VDI', vdi);
    let done = 0;
    for await (const piece of (await storageForVdi(api, vdi).read(volumeAddress(api, vdi))) as AsyncIterable<Buffer>) {
      digest.update(piece);
      done += piece.length;
      task.check();
      task.progress(done / size);
    }
    return digest.digest('hex');
  },
};

async function resize({ api, task }: Call, vdi: Ref<'VDI'>, size: number, operation: 'resize' | 'resize_online'): Promise<void> {
  const { SR, virtual_size } = api.db.get('VDI', vdi);
  await api.operations.run(task, [target('SR', SR, 'vdi_resize'), target('VDI', vdi, operation)], async () => {
    const storage = storageForVdi(api, vdi);
    assertManaged(api.db.get('VDI', vdi), vdi);
    if (size < virtual_size) throw new ApiError('VDI_TOO_SMALL', vdi, String(virtual_size));
    await recordChange(api, vdi, await storage.resizeVolume(volumeAddress(api, vdi), size));
  });
}
