import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { exclusively } from '../../network/exclusive.js';
import { manageOver, primaryAddress } from '../../network/management.js';
import { assertNotBondMember } from '../../network/pif-checks.js';
import { plugPif } from '../../network/plug.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';
import { removeNetworkRecords } from './removal.js';

/** The interface over which a host is managed, or undefined when it has none. */
export function managementInterface(db: Database, host: Ref<'host'>): Ref<'PIF'> | undefined {
  return db.get('host', host).PIFs.find((pif) => db.get('PIF', pif).management);
}

/** The address of an interface of the kind that it prefers; empty when it has none. */
export function addressOf(db: Database, pif: Ref<'PIF'>): string {
  return primaryAddress(db.get('PIF', pif));
}

/** Throws the reason why a host could not be managed over an interface. */
export function assertUsableForManagement(db: Database, pif: Ref<'PIF'>): void {
  const fields = db.get('PIF', pif);
  assertNotBondMember(db, pif);
  const v4 = fields.primary_address_type === 'IPv4';
  const mode = v4 ? fields.ip_configuration_mode : fields.ipv6_configuration_mode;
  if (mode === 'None') throw new ApiError(v4 ? 'PIF_HAS_NO_NETWORK_CONFIGURATION' : 'PIF_HAS_NO_V6_NETWORK_CONFIGURATION', pif);
}

/** Manages a host over an interface from now on. */
export async function reconfigureManagement({ api }: Call, pif: Ref<'PIF'>): Promise<void> {
  const { db } = api;
  const { host, managed } = db.get('PIF', pif);
  reach(api, host);
  if (db.get('pool', api.pool).ha_enabled) throw new ApiError('HA_IS_ENABLED');
  const current = managementInterface(db, host);
  if (managed) {
    assertUsableForManagement(db, pif);
    if (current && db.get('PIF', current).primary_address_type !== db.get('PIF', pif).primary_address_type)
      throw new ApiError('PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE', pif);
  }
  if (current === pif) return;
  await exclusively(api, host, async () => {
    if (!db.get('PIF', pif).currently_attached) await plugPif(api, pif);
    if (addressOf(db, pif) === '') throw new ApiError('INTERFACE_HAS_NO_IP', pif);
    manageOver(api, pif);
  });
}

/** How a host is reached, and what it has on the network. */
export const networkMessages: HostMessages = {
  get_management_interface: ({ api: { db } }, host) => {
    const pif = managementInterface(db, host);
    if (!pif) throw new ApiError('INTERNAL_ERROR', 'Not_found');
    return pif;
  },
  management_reconfigure: reconfigureManagement,
  reset_networking: ({ api: { db } }, host) => removeNetworkRecords(db, host),
  sync_pif_currently_attached: ({ api: { db } }, host, bridges) =>
    db.transaction(() => {
      for (const pif of db.get('host', host).PIFs) {
        const bridge = db.find('network', db.get('PIF', pif).network)?.fields.bridge;
        db.set('PIF', pif, { currently_attached: bridge !== undefined && bridges.includes(bridge) });
      }
    }),
};
