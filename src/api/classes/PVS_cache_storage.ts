import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassName, ConstructorArguments } from '../../model/types.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { createVdi, destroyVdi } from '../storage/volumes.js';

const DISK_NAME = 'PVS cache VDI';

/** A disk for the cache of a site on a host, one for each. */
async function create(call: Call, { host, SR, site, size }: ConstructorArguments<'PVS_cache_storage'>) {
  const { db } = call.api;
  const assertThere = (className: ClassName, ref: string): void => {
    if (!db.exists(className, ref)) throw new ApiError('INVALID_VALUE', className === 'PVS_site' ? 'site' : className, ref);
  };
  assertThere('host', host);
  assertThere('SR', SR);
  assertThere('PVS_site', site);
  assertFirst(call, site, host);
  const VDI = await createVdi(call, { sr: SR, virtualSize: size, name: DISK_NAME, description: DISK_NAME, type: 'pvs_cache' });
  try {
    assertFirst(call, site, host);
  } catch (thrown) {
    await destroyVdi(call, VDI);
    throw thrown;
  }
  return db.create('PVS_cache_storage', { host, SR, site, size, VDI });
}

function assertFirst({ api: { db } }: Call, site: Ref<'PVS_site'>, host: Ref<'host'>): void {
  const caches = db.filter('PVS_cache_storage', (cache) => cache.site === site && cache.host === host);
  if (caches.length) throw new ApiError('PVS_CACHE_STORAGE_ALREADY_PRESENT', site, host);
}

/** Removes a cache with its disk. Throws PVS_CACHE_STORAGE_IS_IN_USE while a proxy of the host runs. */
export async function removeCacheStorage(call: Call, self: Ref<'PVS_cache_storage'>): Promise<void> {
  const { db } = call.api;
  const { site, host, VDI } = db.get('PVS_cache_storage', self);
  const used = (db.find('PVS_site', site)?.fields.proxies ?? []).some((ref) => {
    const { currently_attached, VIF } = db.get('PVS_proxy', ref);
    const vm = db.find('VIF', VIF)?.fields.VM;
    return currently_attached && vm !== undefined && db.find('VM', vm)?.fields.resident_on === host;
  });
  if (used) throw new ApiError('PVS_CACHE_STORAGE_IS_IN_USE', self);
  if (db.exists('VDI', VDI)) await destroyVdi(call, VDI);
  db.destroy('PVS_cache_storage', self);
}

/** Room for the caches of provisioning sites. */
export const PVS_cache_storage: ClassBehaviour<'PVS_cache_storage'> = { create, destroy: removeCacheStorage };
