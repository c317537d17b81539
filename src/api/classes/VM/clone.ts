import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { cloneVdi, copyVdi } from '../../storage/volumes.js';
import type { DiskCopier } from './copy-disks.js';
import { duplicate } from './duplicate.js';
import { tellOf } from './lifecycle/alerts.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';

/** Machines of their own that are made of others. */
export const copies: VmMessages = {
  clone: (call, vm, name) =>
    withOperation(call, vm, 'clone', () => duplicate(call, vm, { kind: 'clone', name, copier: cloneVdi })),
  copy: (call, vm, name, sr) =>
    withOperation(call, vm, 'copy', () => {
      const { db } = call.api;
      // Anything that is no SR means: each disk where its origin is.
      const destination = db.find('SR', sr)?.fields;
      if (destination?.content_type === 'iso')
        throw new ApiError('OPERATION_NOT_ALLOWED', 'the disks of a VM cannot be copied into an ISO SR');
      const copier: DiskCopier = (part, vdi) => copyVdi(part, vdi, destination ? sr : db.get('VDI', vdi).SR);
      return duplicate(call, vm, { kind: 'copy', name, copier });
    }),
  csvm: async (call, vm) => {
    const copy: Ref<'VM'> = await withOperation(call, vm, 'csvm', ({ name_label: name }) =>
      duplicate(call, vm, { kind: 'clone', name: `${name}-cloned-suspended`, copier: cloneVdi }),
    );
    tellOf(call.api, 'VM_CLONED', vm, `cloned (new uuid: ${call.api.db.get('VM', copy).uuid})`);
    return copy;
  },
};
