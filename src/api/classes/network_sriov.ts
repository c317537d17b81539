import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, markRefusal } from '../behaviour.js';
import type { Call } from '../call.js';
import { exclusively } from '../network/exclusive.js';
import { assertCarriesNoVlans, assertManaged, assertNetworkManaged, assertNotConnected } from '../network/pif-checks.js';
import { pifKind } from '../network/pif-kind.js';
import { removePif } from '../network/pif-records.js';
import { unplugPif } from '../network/plug.js';

/** network_sriov.create: hosts have no way to turn virtual functions on, so that the checks end in a refusal. */
const create: Handler<'network_sriov', 'create'> = markRefusal(
  ({ api: { db } }: Call, self: Ref<'PIF'>, network: Ref<'network'>): never => {
    const pif = db.get('PIF', self);
    assertNetworkManaged(db, network);
    assertManaged(db, self);
    if (pifKind(pif).kind !== 'physical') throw new ApiError('PIF_IS_NOT_PHYSICAL', self);
    if (pif.sriov_physical_PIF_of.length) throw new ApiError('NETWORK_SRIOV_ALREADY_ENABLED', self);
    if (!pif.capabilities.includes('sriov')) throw new ApiError('PIF_IS_NOT_SRIOV_CAPABLE', self);
    assertNotConnected(db, network, pif.host);
    throw new ApiError('NETWORK_SRIOV_ENABLE_FAILED', self, 'the host has no way to turn it on');
  },
);

const destroy: Handler<'network_sriov', 'destroy'> = ({ api }, self) => {
  const { db } = api;
  const { logical_PIF: logical } = db.get('network_sriov', self);
  return exclusively(api, db.get('PIF', logical).host, async () => {
    assertCarriesNoVlans(db, logical);
    await unplugPif(api, logical);
    db.transaction(() => {
      removePif(db, logical);
      db.destroy('network_sriov', self);
    });
  });
};

/** Networks whose VIFs get virtual functions of a card. */
export const network_sriov: ClassBehaviour<'network_sriov'> = {
  messages: {
    create,
    destroy,
    get_remaining_capacity: ({ api: { db } }, self) => {
      const card = db.get('PIF', db.get('network_sriov', self).physical_PIF).PCI;
      const free = db.get('PCI', card).virtual_functions.filter((ref) => {
        const pci = db.find('PCI', ref)?.fields;
        return pci && !pci.attached_VMs.length && isNullRef(pci.scheduled_to_be_attached_to);
      });
      return free.length;
    },
  },
};
