import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { target } from '../operations/operations.js';
import { assertDriverSession } from '../storage/driver-session.js';
import { assertNoMasterKey, recordPbd } from '../storage/pbd-record.js';
import { ownSecrets, removeSecrets } from '../storage/secrets.js';
import { plugPbd, unplugPbd } from '../storage/sr-attach.js';

/** How a host reaches an SR. */
export const PBD: ClassBehaviour<'PBD'> = {
  create: ({ api, task }, { host, SR, device_config }) =>
    api.operations.run(task, [target('SR', SR, 'pbd_create')], () =>
      // other_config is not taken over, as with the original.
      api.db.transaction(() => recordPbd(api.db, SR, host, device_config)),
    ),
  destroy: ({ api, task }, self) => {
    const { db } = api;
    return api.operations.run(task, [target('SR', db.get('PBD', self).SR, 'pbd_destroy')], () => {
      const { currently_attached, device_config } = db.get('PBD', self);
      if (currently_attached) throw new ApiError('OPERATION_NOT_ALLOWED', 'PBD is currently attached');
      db.transaction(() => {
        db.destroy('PBD', self);
        removeSecrets(db, device_config);
      });
    });
  },
  messages: {
    plug: ({ api, task }, self) => plugPbd(api, task, self),
    unplug: ({ api, task }, self) => unplugPbd(api, task, self),
    set_device_config: setDeviceConfig,
  },
};

function setDeviceConfig(call: Call, self: Ref<'PBD'>, config: ReadonlyMap<string, string>): void {
  const { db } = call.api;
  assertDriverSession(call, db.get('PBD', self).SR);
  assertNoMasterKey(config);
  db.transaction(() => {
    const { device_config: old } = db.get('PBD', self);
    db.set('PBD', self, { device_config: ownSecrets(db, config) });
    removeSecrets(db, old);
  });
}
