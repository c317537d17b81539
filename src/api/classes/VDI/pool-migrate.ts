import { ApiError } from '../../../model/error.js';
import type { Handler } from '../../behaviour.js';
import { target } from '../../operations/operations.js';
import { moveVdi } from '../../storage/volumes.js';

/** VDI.pool_migrate: moves a disk of a VM, whether it runs or not, to another SR. */
export const poolMigrate: Handler<'VDI', 'pool_migrate'> = ({ api, task }, vdi, sr) => {
  const { db } = api;
  const { VBDs, type, cbt_enabled } = db.get('VDI', vdi);
  const [vbd] = VBDs;
  if (vbd === undefined) throw new ApiError('VDI_NEEDS_VM_FOR_MIGRATE', vdi);
  const { VM: vm } = db.get('VBD', vbd);
  db.get('SR', sr);
  return api.operations.run(task, [target('VM', vm, 'migrate_send')], () =>
    api.operations.run(task, [target('VDI', vdi, 'mirror')], () => {
      if (type === 'cbt_metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', vdi, type);
      if (cbt_enabled) throw new ApiError('VDI_CBT_ENABLED', vdi);
      task.cancellable(true);
      return moveVdi({ api, task }, vdi, sr);
    }),
  );
};
