import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, markRefusal } from '../behaviour.js';
import type { Call } from '../call.js';

/** Throws HOST_DRIVER_NO_HARDWARE for a variant that nothing in the host needs. */
export function assertUseful(db: Database, variant: Ref<'Driver_variant'>): void {
  if (!db.get('Driver_variant', variant).hardware_present) throw new ApiError('HOST_DRIVER_NO_HARDWARE', variant);
}

const select: Handler<'Host_driver', 'select'> = markRefusal(
  ({ api: { db } }: Call, self: Ref<'Host_driver'>, variant: Ref<'Driver_variant'>): never => {
    if (!db.get('Host_driver', self).variants.includes(variant)) throw new ApiError('INVALID_VALUE', 'variant', variant);
    assertUseful(db, variant);
    throw new ApiError('NOT_IMPLEMENTED', 'Host_driver.select');
  },
);

const deselect: Handler<'Host_driver', 'deselect'> = markRefusal(({ api: { db } }: Call, self: Ref<'Host_driver'>): never => {
  db.get('Host_driver', self);
  throw new ApiError('NOT_IMPLEMENTED', 'Host_driver.deselect');
});

/** Drivers of hosts that come in several variants. Hosts have no way to choose one. */
export const Host_driver: ClassBehaviour<'Host_driver'> = { messages: { select, deselect } };
