import { ApiError } from '../../model/error.js';
import type { ClassBehaviour } from '../behaviour.js';
import { exclusively } from '../network/exclusive.js';
import { plugPif, unplugPif } from '../network/plug.js';
import { baseInterface, createVlan, destroyVlan } from '../network/vlans.js';
import { reconfigureIp, reconfigureIpv6, setPrimaryAddressType } from './PIF/addresses.js';
import { forget, introduce, recordOnly, scan } from './PIF/inventory.js';
import { setDisallowUnplug, setProperty } from './PIF/settings.js';

/** Network interfaces of hosts. */
export const PIF: ClassBehaviour<'PIF'> = {
  messages: {
    plug: ({ api }, self) => exclusively(api, api.db.get('PIF', self).host, () => plugPif(api, self)),
    unplug: ({ api }, self) => exclusively(api, api.db.get('PIF', self).host, () => unplugPif(api, self)),
    create_VLAN: async ({ api }, device, network, host, tag) => {
      const vlan = await createVlan(api, baseInterface(api.db, host, device), tag, network);
      return api.db.get('VLAN', vlan).untagged_PIF;
    },
    destroy: ({ api }, self) => {
      const { VLAN, VLAN_master_of } = api.db.get('PIF', self);
      if (VLAN < 0) throw new ApiError('PIF_IS_PHYSICAL');
      return destroyVlan(api, VLAN_master_of);
    },
    reconfigure_ip: reconfigureIp,
    reconfigure_ipv6: reconfigureIpv6,
    set_primary_address_type: setPrimaryAddressType,
    scan,
    introduce,
    forget,
    pool_introduce: recordOnly,
    db_introduce: recordOnly,
    db_forget: ({ api: { db } }, self) => db.destroy('PIF', self),
    set_property: setProperty,
    set_disallow_unplug: setDisallowUnplug,
  },
};
