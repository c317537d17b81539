import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ClassBehaviour } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { changedBlocks, keepBlockDigests } from '../../storage/changed-blocks.js';
import { assertPlugged, storageForVdi, volumeAddress } from '../../storage/placement.js';
import { readSpace, recordSpace } from '../../storage/space.js';
import { assertManaged } from '../../storage/volumes.js';

/** How long data_destroy waits for the drives of a disk to go, in milliseconds: as long as the original. */
const DRIVES_PATIENCE = 4000;

/** Telling what changed between two states of a disk. */
export const changedBlockMessages: ClassBehaviour<'VDI'>['messages'] = {
  enable_cbt: (call, self) => track(call, self, true),
  disable_cbt: (call, self) => track(call, self, false),
  list_changed_blocks: ({ api, task }, from, to) => {
    const { SR } = api.db.get('VDI', to);
    const targets = [target('SR', SR, 'vdi_list_changed_blocks'), target('VDI', to, 'list_changed_blocks')];
    return api.operations.run(task, targets, async () => {
      assertPlugged(api.db, SR);
      return (await changedBlocks(api, from, to, task)).toString('base64');
    });
  },
  data_destroy: destroyData,
};

async function track({ api, task }: Call, self: Ref<'VDI'>, cbt_enabled: boolean): Promise<void> {
  const { SR } = api.db.get('VDI', self);
  const operation = cbt_enabled ? 'enable_cbt' : 'disable_cbt';
  await api.operations.run(task, [target('SR', SR, `vdi_${operation}`), target('VDI', self, operation)], () => {
    assertPlugged(api.db, SR);
    api.db.set('VDI', self, { cbt_enabled });
  });
}

async function destroyData({ api, task }: Call, self: Ref<'VDI'>): Promise<void> {
  const { db } = api;
  const { SR } = db.get('VDI', self);
  const targets = [target('SR', SR, 'vdi_data_destroy'), target('VDI', self, 'data_destroy')];
  await api.operations.run(task, targets, async () => {
    const { type } = db.get('VDI', self);
    if (type === 'cbt_metadata') return;
    // Shown from the start, so that nobody takes the disk into use meanwhile.
    db.set('VDI', self, { type: 'cbt_metadata' });
    try {
      const storage = storageForVdi(api, self);
      assertManaged(db.get('VDI', self), self);
      await drivesGone(db, self);
      await keepBlockDigests(api, self);
      await storage.destroyVolume(volumeAddress(api, self));
      const space = await readSpace(api, storage, SR);
      db.transaction(() => {
        db.set('VDI', self, { physical_utilisation: 0 });
        recordSpace(db, SR, space);
      });
    } catch (thrown) {
      if (db.exists('VDI', self)) db.set('VDI', self, { type });
      throw thrown;
    }
  });
}

/** Waits until a disk has no drive any more. Throws VDI_IN_USE when some are left after the time. */
async function drivesGone(db: Database, self: Ref<'VDI'>): Promise<void> {
  const gone = () => !db.find('VDI', self)?.fields.VBDs.length;
  if (gone()) return;
  await new Promise<void>((resolve, reject) => {
    const stop = db.onChange(() => {
      if (gone()) finish(resolve);
    });
    const late = () => finish(() => reject(new ApiError('VDI_IN_USE', self, 'data_destroy')));
    const timer = setTimeout(late, DRIVES_PATIENCE);
    const finish = (then: () => void) => {
      clearTimeout(timer);
      stop();
      then();
    };
  });
}
