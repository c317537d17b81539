import type { ClassBehaviour } from '../../behaviour.js';
import { assertDriverSession } from '../../storage/driver-session.js';

/** What only the driver of an SR says of it. */
export const driverMessages: ClassBehaviour<'SR'>['messages'] = {
  set_physical_size: (call, self, physical_size) => {
    assertDriverSession(call, self);
    call.api.db.set('SR', self, { physical_size });
  },
  set_virtual_allocation: (call, self, virtual_allocation) => {
    assertDriverSession(call, self);
    call.api.db.set('SR', self, { virtual_allocation });
  },
  set_physical_utilisation: (call, self, physical_utilisation) => {
    assertDriverSession(call, self);
    call.api.db.set('SR', self, { physical_utilisation });
  },
};
