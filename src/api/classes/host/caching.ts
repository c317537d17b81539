import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import { guestsOf } from '../../availability/evacuation.js';
import type { Call } from '../../call.js';
import { reach } from '../../reach.js';
import { driverFeatures } from '../../storage/driver-features.js';
import type { HostMessages } from './messages.js';

/** A host on which nothing goes on: disabled, without running VMs, and nothing attached to its control domain. */
function assertIdle({ api }: Call, host: Ref<'host'>): void {
  const { db } = api;
  if (db.get('host', host).enabled) throw new ApiError('HOST_NOT_DISABLED');
  const guest = guestsOf(api, host).find((vm) => db.get('VM', vm).power_state === 'Running');
  if (guest) throw new ApiError('HOST_IN_USE', host, 'vm', guest);
  const domain = db.find('VM', db.get('host', host).control_domain);
  const attached = domain?.fields.VBDs.find((vbd) => db.get('VBD', vbd).currently_attached);
  if (attached) throw new ApiError('HOST_IN_USE', host, 'vbd', attached);
}

/** Whether an SR is one host's own and its driver can cache. */
export function canCache(db: Database, sr: Ref<'SR'>): boolean {
  const { shared, PBDs, type } = db.get('SR', sr);
  return !shared && PBDs.length === 1 && driverFeatures(db, type).has('SR_SUPPORTS_LOCAL_CACHING');
}

function forgetCache(db: Database, host: Ref<'host'>): void {
  const { local_cache_sr: sr } = db.get('host', host);
  if (db.exists('SR', sr)) db.set('SR', sr, { local_cache_enabled: false });
}

/** Keeping copies of shared disks on a host's own storage. */
export const cachingMessages: HostMessages = {
  enable_local_storage_caching: (call, host, sr) => {
    const { db } = call.api;
    reach(call.api, host);
    assertIdle(call, host);
    if (!canCache(db, sr)) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', sr);
    const [pbd] = db.get('SR', sr).PBDs;
    if (!pbd || db.get('PBD', pbd).host !== host) throw new ApiError('HOST_CANNOT_SEE_SR', host, sr);
    db.transaction(() => {
      forgetCache(db, host);
      db.set('host', host, { local_cache_sr: sr });
      db.set('SR', sr, { local_cache_enabled: true });
    });
  },
  disable_local_storage_caching: (call, host) => {
    const { db } = call.api;
    reach(call.api, host);
    assertIdle(call, host);
    db.transaction(() => {
      forgetCache(db, host);
      db.set('host', host, { local_cache_sr: NULL_REF });
    });
  },
};
