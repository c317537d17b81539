import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';
import type { Call } from '../call.js';
import { assertVirtualSwitch } from '../network/virtual-switch.js';

/** PVS_proxy.create: kept, and stopped for ever: hosts run no proxy. */
const create: Handler<'PVS_proxy', 'create'> = storedOnly(
  ({ api }: Call, site: Ref<'PVS_site'>, VIF: Ref<'VIF'>): Ref<'PVS_proxy'> => {
    const { db } = api;
    assertVirtualSwitch(api, api.localHost);
    const present = db.filter('PVS_proxy', (proxy) => proxy.VIF === VIF);
    if (present.length) throw new ApiError('PVS_PROXY_ALREADY_PRESENT', ...present.map(([ref]) => ref));
    if (!db.exists('PVS_site', site)) throw new ApiError('INVALID_VALUE', 'site', site);
    if (!db.exists('VIF', VIF)) throw new ApiError('INVALID_VALUE', 'VIF', VIF);
    const { VM, device } = db.get('VIF', VIF);
    const others = db.get('VM', VM).VIFs.map((vif) => Number(db.get('VIF', vif).device));
    if (others.some((other) => other < Number(device))) throw new ApiError('PVS_VIF_MUST_BE_FIRST_DEVICE');
    return db.create('PVS_proxy', { site, VIF });
  },
);

/** Caches between VMs and their provisioning servers. */
export const PVS_proxy: ClassBehaviour<'PVS_proxy'> = {
  messages: { create, destroy: ({ api: { db } }, self) => db.destroy('PVS_proxy', self) },
};
