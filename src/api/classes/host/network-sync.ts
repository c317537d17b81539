import type { Database } from '../../../db/database.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { createTunnel } from '../../network/tunnels.js';
import { createVlan } from '../../network/vlans.js';
import type { HostMessages } from './messages.js';

/** The interface of a host on a network, when it has exactly one. */
function onlyPif(db: Database, host: Ref<'host'>, network: Ref<'network'>): Ref<'PIF'> | undefined {
  const pifs = db.get('host', host).PIFs.filter((pif) => db.get('PIF', pif).network === network);
  return pifs.length === 1 ? pifs[0] : undefined;
}

/** Gives a host the VLANs of the coordinator that it lacks, as far as it has something beneath them. */
async function syncVlans({ api }: Call, host: Ref<'host'>): Promise<void> {
  const { db } = api;
  const coordinator = db.get('pool', api.pool).master;
  for (const [, vlan] of [...db.all('VLAN')]) {
    const above = db.get('PIF', vlan.untagged_PIF);
    if (above.host !== coordinator) continue;
    const beneath = onlyPif(db, host, db.get('PIF', vlan.tagged_PIF).network);
    const there = db
      .get('host', host)
      .PIFs.map((pif) => db.get('PIF', pif))
      .some((pif) => pif.network === above.network && pif.VLAN === vlan.tag);
    if (beneath && !there) await createVlan(api, beneath, vlan.tag, above.network);
  }
}

/** Gives a host the tunnels of the coordinator that it lacks, as far as it has something beneath them. */
async function syncTunnels({ api }: Call, host: Ref<'host'>): Promise<void> {
  const { db } = api;
  const coordinator = db.get('pool', api.pool).master;
  for (const [, tunnel] of [...db.all('tunnel')]) {
    const access = db.get('PIF', tunnel.access_PIF);
    if (access.host !== coordinator) continue;
    const beneath = onlyPif(db, host, db.get('PIF', tunnel.transport_PIF).network);
    if (beneath && !onlyPif(db, host, access.network)) await createTunnel(api, beneath, access.network, tunnel.protocol);
  }
}

/** Networks that the coordinator has and a member should have too. */
export const networkSyncMessages: HostMessages = {
  sync_vlans: syncVlans,
  sync_tunnels: syncTunnels,
};
