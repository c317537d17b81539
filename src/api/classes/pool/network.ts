import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { invoke } from '../../invoke.js';
import { createVlansFromPif, createVlansOnDevice } from '../../network/vlans.js';
import { assertUsableForManagement } from '../host/network.js';
import type { PoolMessages } from './messages.js';

/** Moves the management of every host to a network: the members first, the coordinator last. */
async function reconfigureManagement(call: Call, network: Ref<'network'>): Promise<void> {
  const { api } = call;
  const { db } = api;
  const { ha_enabled: highAvailability, master } = db.get('pool', api.pool);
  if (highAvailability) throw new ApiError('HA_IS_ENABLED');
  const { PIFs } = db.get('network', network);
  const byHost = new Map(PIFs.map((pif) => [db.get('PIF', pif).host, pif]));
  for (const [host] of db.all('host')) if (!byHost.has(host)) throw new ApiError('PIF_NOT_PRESENT', host, network);
  const types = new Set(PIFs.map((pif) => db.get('PIF', pif).primary_address_type));
  for (const pif of PIFs) {
    if (types.size > 1) throw new ApiError('PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE', pif);
    assertUsableForManagement(db, pif);
  }
  const ordered = [...byHost].sort(([a], [b]) => Number(a === master) - Number(b === master));
  for (const [, pif] of ordered) await invoke(call, 'host', 'management_reconfigure', pif);
}

/** Networks of the whole pool. */
export const networkMessages: PoolMessages = {
  create_VLAN: ({ api }, device, network, tag) => createVlansOnDevice(api, device, network, tag),
  create_VLAN_from_PIF: ({ api }, pif, network, tag) => createVlansFromPif(api, pif, network, tag),
  management_reconfigure: reconfigureManagement,
};
