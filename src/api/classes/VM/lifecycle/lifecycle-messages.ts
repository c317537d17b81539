import { ApiError } from '../../../../model/error.js';
import { markRefusal } from '../../../behaviour.js';
import { assertAgile } from '../../../placement/agility.js';
import { assertCanBootHere } from '../../../placement/can-boot-here.js';
import { possibleHosts } from '../../../placement/choose-host.js';
import type { VmMessages } from '../messages.js';
import { migrating } from './migrating.js';
import { pausing } from './pausing.js';
import { rebooting } from './rebooting.js';
import { starting } from './starting.js';
import { stopping } from './stopping.js';
import { storageMigration } from './storage-migration.js';
import { suspending } from './suspending.js';

/** Where a VM could run. */
const placement: VmMessages = {
  get_possible_hosts: ({ api }, vm) => possibleHosts(api, vm),
  assert_can_boot_here: ({ api }, vm, host) => assertCanBootHere(api, vm, host),
  assert_agile: ({ api }, vm) => assertAgile(api.db, vm),
  // No server that balances the load is ever asked: the pool chooses hosts by itself.
  retrieve_wlb_recommendations: markRefusal(({ api }, vm) => {
    const { db, pool } = api;
    db.get('VM', vm);
    const { wlb_url: url, wlb_enabled: enabled } = db.get('pool', pool);
    if (url === '') throw new ApiError('WLB_NOT_INITIALIZED');
    throw new ApiError(enabled ? 'WLB_CONNECTION_REFUSED' : 'WLB_DISABLED');
  }),
};

/** Messages that move a VM from one power state to another, or to another host. */
export const lifecycleMessages: VmMessages = {
  ...starting,
  ...pausing,
  ...stopping,
  ...rebooting,
  ...suspending,
  ...migrating,
  ...storageMigration,
  ...placement,
};
