import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';
import { assertVirtualSwitch } from '../network/virtual-switch.js';
import { removeCacheStorage } from './PVS_cache_storage.js';

/** Throws PVS_SITE_CONTAINS_RUNNING_PROXIES with them. */
function assertNoRunningProxies(db: Database, self: Ref<'PVS_site'>): void {
  const running = db.get('PVS_site', self).proxies.filter((proxy) => db.get('PVS_proxy', proxy).currently_attached);
  if (running.length) throw new ApiError('PVS_SITE_CONTAINS_RUNNING_PROXIES', ...running);
}

const forget: Handler<'PVS_site', 'forget'> = async (call, self) => {
  const { db } = call.api;
  assertNoRunningProxies(db, self);
  const { servers, cache_storage } = db.get('PVS_site', self);
  if (servers.length) throw new ApiError('PVS_SITE_CONTAINS_SERVERS', ...servers);
  for (const cache of cache_storage) await removeCacheStorage(call, cache);
  db.destroy('PVS_site', self);
};

/** Sites from which VMs stream their disks. They are only kept: hosts run no proxy for them. */
export const PVS_site: ClassBehaviour<'PVS_site'> = {
  messages: {
    introduce: storedOnly(({ api }, name_label, name_description, PVS_uuid) => {
      assertVirtualSwitch(api, api.localHost);
      return api.db.create('PVS_site', { name_label, name_description, PVS_uuid });
    }),
    forget,
    set_PVS_uuid: storedOnly(({ api: { db } }, self, PVS_uuid) => {
      assertNoRunningProxies(db, self);
      db.set('PVS_site', self, { PVS_uuid });
    }),
  },
};
