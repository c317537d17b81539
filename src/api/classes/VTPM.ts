import { ApiError } from '../../model/error.js';
import type { ClassBehaviour } from '../behaviour.js';
import { target } from '../operations/operations.js';
import { badPowerState } from '../operations/rules/VM/refusal.js';
import { createVtpm, removeVtpm } from '../vtpms.js';

/** Standard base64 with its padding; the empty text stands for a device that was never used. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** TPM devices: their state is a secret of the pool. */
export const VTPM: ClassBehaviour<'VTPM'> = {
  messages: {
    create: ({ api, task }, vm, unique) =>
      api.operations.run(task, [target('VM', vm, 'create_vtpm')], () => {
        if (api.db.get('pool', api.pool).restrictions.get('restrict_vtpm') !== 'false')
          throw new ApiError('FEATURE_RESTRICTED', 'restrict_vtpm');
        return createVtpm(api.db, vm, unique);
      }),
    destroy: ({ api }, self) => {
      const { VM: vm } = api.db.get('VTPM', self);
      const { power_state: state } = api.db.get('VM', vm);
      if (state !== 'Halted' && state !== 'Suspended') throw badPowerState(vm, ['Halted', 'Suspended'], state, ';');
      removeVtpm(api.db, self);
    },
    get_contents: ({ api }, self) => api.db.get('secret', api.db.get('VTPM', self).contents).value,
    set_contents: ({ api }, self, contents) => {
      if (!BASE64.test(contents)) throw new ApiError('INTERNAL_ERROR', 'the state of a TPM is base64');
      api.db.set('secret', api.db.get('VTPM', self).contents, { value: contents });
    },
  },
};
