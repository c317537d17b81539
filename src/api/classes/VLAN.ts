import type { ClassBehaviour } from '../behaviour.js';
import { createVlan, destroyVlan } from '../network/vlans.js';

/** Tagged networks on top of interfaces of hosts. */
export const VLAN: ClassBehaviour<'VLAN'> = {
  messages: {
    create: ({ api }, tagged, tag, network) => createVlan(api, tagged, tag, network),
    destroy: ({ api }, self) => destroyVlan(api, self),
    pool_introduce: ({ api: { db } }, tagged_PIF, untagged_PIF, tag, other_config) =>
      db.transaction(() => {
        const { metrics } = db.get('PIF', tagged_PIF);
        const own = db.get('PIF', untagged_PIF).metrics;
        const vlan = db.create('VLAN', { tagged_PIF, untagged_PIF, tag, other_config });
        // A VLAN has the link state of what carries it.
        db.set('PIF', untagged_PIF, { VLAN_master_of: vlan, metrics });
        if (own !== metrics && db.exists('PIF_metrics', own)) db.destroy('PIF_metrics', own);
        return vlan;
      }),
  },
};
